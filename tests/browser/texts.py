"""Five manuscripts in the shapes that clinics publish, as their authors would type or paste them.

Shapes, not samples: lists whose lines begin with signs, terms in bold, quotation marks and spaces
as word processors write them, a stray pair of stars, pictographs, a line of sources.
"""

import re
from dataclasses import dataclass

_MARKS = re.compile(
    r"""^(?:\#{1,6}\ |!!!\ \w+\ |[-•✓✗>]\s|\d+\.\ )  # what a line may begin with
    |\]\((?:[a-z]+:[\w-]*|/[\w/-]*)\)               # where a link leads
    |\*\*(?=\S)|(?<=\S)\*\*|\[(?!@)|["“”]           # emphasis, links, quotation marks
    """,
    re.VERBOSE,
)
_CITED = re.compile(r"\s*\[@[^\]]+\]|@\w+\d{4}|\[\^\d+\]:?|\s*\|(?:\s*-+\s*\|)*\s*")


@dataclass(frozen=True)
class Manuscript:
    """What is typed into the fields of an article, by their labels, and what must come of it.

    `shows` counts elements of the public page by CSS selector.
    """

    title: str
    body: str
    shows: dict[str, int]
    summary: str = ""
    takeaways: tuple[str, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    author: str = ""
    service: str = ""

    @property
    def slug(self) -> str:
        """The slug that the admin makes of the title."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower().replace("’", "")).strip("-")

    def statements(self) -> list[str]:
        """Every line that a reader must find on the page, cut at citations, notes and cells."""
        lines = [self.title, self.summary, *self.takeaways, *self.body.splitlines()]
        lines += [text for pair in self.questions for text in pair]
        parts = (part for line in lines for part in _CITED.split(line))
        return [text for text in map(plain, parts) if text]


def plain(text: str) -> str:
    """Text without marks, quotation marks and doubled spaces, to compare what was typed with what
    is shown."""
    return " ".join(_MARKS.sub("", " ".join(text.split())).split())


NEEDLES = Manuscript(
    title="Needles for a stubborn back: worth a try?",
    author="Ines Okafor",
    service="Dry needling",
    body="""\
You rest, you stretch, you wait. Three weeks later the ache is still there—on the stairs, in the \
car, at night.

Does that sound like you? Then you are in good company, and there is more than one way on.

## Where a stubborn ache comes from

A back can hurt for many reasons: a strained muscle, an irritated joint, a nerve that is pressed. \
Often a few "tender places" in the muscles keep the ache going.

They come from things such as:
- Lifting the same load for weeks
- Long days in one position (the desk is only one of them)
- An old injury that nobody helped to the end

## What a needle is meant to do

A thin, sterile needle goes into the tender place. There may be a short twitch—a good sign, but \
not one that you need.

In the days after it, people often:
✓ Feel less tension around the spine
✓ Bend further before it hurts
✓ Sleep through again

## Needling or acupuncture?

The needle is the same, the idea is not:
- **Acupuncture** follows a traditional map of the body
- **Dry needling** looks for one sore place in one muscle

## What studies say

Reviews of many trials agree on a few things:
- Pain is less in the short term
- Other treatments do about as well
- With exercises it helps more than alone

Sources: @chys2023, Journal of Clinical Medicine; @hu2018, Medicine (Baltimore)

## Who may like it

Not recommended for: people who bleed easily, who fear needles, or whose skin is infected there \
(your physiotherapist asks you before).

You might feel:
- A prick
- A dull ache for 24-48 hours, as after a hard day in the garden

Ready to begin? [Book a first visit](book:dry-needling).

Related: [what we treat](service:dry-needling), [who treats you](practitioner:ines-okafor).
""",
    shows={
        ".text > .body ul.ticks > li": 3,
        ".text > .body ul:not(.ticks) > li": 10,
        ".text > .body li > strong": 2,
        "#sources li": 2,
        ".text > .body a.cite": 2,
        ".author-box a[href^='/book/?']": 1,
        "#suitability": 1,
    },
)

TERMS = Manuscript(
    title="Moving well again: what helps a sore back",
    body="""\
A sore back is common at every age. It keeps people from work, sport and sleep. In this text \
we’ll look at what loosens it, what keeps it loose,  and which habits are worth your time.

## What our hands can do

Here’s what treatment is for:

  • **Less guarding:** A back that hurts holds its breath. Pressing, warming or needling can let \
it go, so that you dare to move.
  • **Less pain:** Touch tells the nervous system that nothing dreadful is happening there.
  • **More room:** When it hurts less you’ll bend further, and that is where training begins.

None of it lasts without you. A treatment opens the door; walking through it is your part.

## Why backs get sore

  • Strain: Too much, too soon, or too long. It’s the most frequent cause, and a harmless one.
  • Sitting and standing: No posture is bad for ten minutes. Every posture is after three hours.
  • Old trouble: Pain that was there before comes back more easily.
  • Joints: Small joints at the back of the spine can be sore and stiff, mostly in the morning.

## How many visits does it take?

Usually three to six[^1]. If nothing has changed by then, we’ll say so and look for another way.

| Since when | How often we meet |
| --- | --- |
| Some days | Once or twice |
| Three months or more | Up to eight times |

[^1]: Counted over one winter, in people who came for their back.

## Habits that pay

  • **Change position:** Get up once an hour. Reach for the ceiling, turn to both sides.
  • **Lift with company:** A wardrobe is a task for two.
  • **Calm down:** Worry tightens muscles; slow breathing lets them go.

## When you want help

If your back keeps you from living as you’d like, we’re here. Call us today, or \
[ask for a first visit](book:).
""",
    shows={
        ".text > .body ul > li": 10,
        ".text > .body li > strong": 6,
        ".text > .body h2": 5,
        ".text > .body table th": 2,
        ".text > .body table td": 4,
        ".text > .body .note": 1,
    },
)

CHATTY = Manuscript(
    title="Is it safe to lift with a sore back?",
    body="""\
Backs complain. Whether it’s the move to a new flat, a toddler on the hip, or a long drive, most \
people know that pull. So you may wonder, “Should I stop lifting?” Let’s find out.

## What lifting does

You may have heard that a back wears out. It doesn’t work like that—bones and discs get stronger \
when they carry something.

Lifting helps by:
- Training the muscles: They hold more when they’re asked for more.
- Feeding the discs: They live on being pressed and let go.
- Taking fear away: Your head learns that bending is fine.

## What a session looks like

- Talk: We ask what you need to lift, and when it hurts.
- Try: You lift something light while we look.
- Plan: Two exercises, not ten.

## Who should wait?

If you’re pregnant, or if you’ve just had surgery, talk to your doctor first.

## Will it hurt?

The honest answer? A little, sometimes. Soreness for a day or two is like the day after a hike.

Not sure whether it’s right for you? Ask someone who has seen more backs than the internet has \
opinions.

## Last words

Your back is made for carrying. Give it time, give it work, and let it rest at night. 🏋️‍♂️✨

Have you tried it already? **Tell us how it went! 👇
""",
    shows={".text > .body ul > li": 6, ".text > .body h2": 5},
)

BENEFITS = Manuscript(
    title="Ten good reasons to keep walking",
    author="Tomas Lindqvist",
    service="Physiotherapy",
    body="""\
[Call to schedule](book:physiotherapy)

Walking costs nothing, and most of us can do it. Here are some of the reasons why we recommend it \
to nearly everybody with a sore back:

## It loosens

Muscles that move are warm, and warm muscles are soft. Ten minutes are enough to feel it.

## It calms

Walking at your own pace makes breathing slow and even. That is good against pain, too.

## It lasts

Unlike a tablet, a habit does not wear off after four hours. It can take some weeks until you \
notice, and then it stays.

## It goes with everything

You can walk before a treatment, after it, and on all the other days of the week.

### Also with a long illness

Pain of more than three months asks for patience. Begin with what you can do on a bad day.

## It helps you sleep

People who have been outside sleep better, says our experience and some research [@hayden2021].

In short, walking is the treatment that you already have. If it hurts too much, talk to us.

[Choose a time that suits you](book:physiotherapy)
""",
    shows={
        ".text > .body > h2": 5,
        ".text > .body > h3": 1,
        ".text > .body .book-panel a[href^='/book/?service=physiotherapy']": 2,
        ".author-box img": 1,
        ".author-box a[href^='/book/?']": 1,
        ".back-top a": 1,
    },
)

COMPARED = Manuscript(
    title="Needles, hands or exercise: which is better for back pain?",
    author="Ines Okafor",
    service="Dry needling",
    summary=(
        "Needles ease pain for a while, hands loosen, exercise lasts. They are best together, "
        "and none of them replaces the others."
    ),
    takeaways=(
        "Needling can ease a tense muscle for days.",
        "It adds to exercise and doesn’t replace it.",
        "Studies agree on the short term, less on the long term.",
        "Talk about the risks before, not during.",
        "A bruise is usual; anything more is rare.",
        "The best mix is the one that fits your week.",
    ),
    body="""\
Few things keep as many people at home as a sore back. Exercise is the base. Many want to be rid \
of the pain sooner, and ask for more.

## What is needling?

A thin needle goes into a tight, tender place of a muscle.

!!! insight "📌 Expert insight"
    Needles buy time. What you do with that time decides how you are in spring.

## How it works

### What we think happens

• **Muscle:** The tight band lets go.
• **Blood:** More of it reaches the place.
• **Nerves:** Pain is turned down for a while.

## What it is good for

• Pain: less of it, compared with before
• Movement: further, with less fear
• Tablets: fewer, for some people

!!! case "💡 Case example"
    A bus driver of 45 had three visits and walked every evening. After a month he needed no \
tablets for his shift.

## What to expect

• **How long:** About 30 minutes.
• **How often:** Once a week, 2–4 times.

## Compared with others

### Exercise

• Strong side: it lasts.
• What needles add: an easier beginning.

### Hands

• Strong side: joints move more freely.
• What needles add: the muscle joins in.

### Tablets

• Strong side: they are at hand.
• What needles add: some people need fewer.

## Risks

Needling is safe in trained hands, but not without any risk [@chys2023].

• A bruise or a dull ache
• Being tired for a day
• Very seldom: air beside the lung

!!! warning "Tell us first if"
    you take blood thinners, or could be pregnant.

## Recap

• Needles ease, exercise lasts.
• Both together do more than one of them.

[Ask us about needling](book:dry-needling)
""",
    questions=(
        (
            "What is the difference from acupuncture?",
            "The idea: a map of the body there, one sore muscle here.",
        ),
        ("Does it help?", "Often for some days, says a review of sixteen trials [@hu2018]."),
        ("How many visits will I need?", "Mostly 2–4. We stop when nothing changes."),
        ("Is it safe?", "In trained hands, yes. A bruise or a dull ache is common."),
        ("Can I have it with other treatments?", "Yes, and you should. Exercise is best."),
    ),
    shows={
        ".page-head .lead": 1,
        ".takeaways li": 6,
        ".callout-insight, .callout-case, .card-warning": 3,
        ".text > .body > h3": 4,
        ".text > .body .book-panel": 1,
        "#questions details": 5,
        "#sources li": 2,
    },
)

SHAPES = [NEEDLES, TERMS, CHATTY, BENEFITS, COMPARED]
