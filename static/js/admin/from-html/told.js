// What a text refers to, and what of it was left out or changed.

// The writing format has ^raised^ and ~lowered~ signs; without, Unicode's own are used
// where there are some. articles/importers/from_html/told.py says the same.
const FORMAT_RAISES_SIGNS = true;
const LONGEST = 200;

// link(address) -> where it points now, "" for nowhere. picture(address, alt) -> [address, alt] of
// our picture, null where it is not at hand. tell(kind, words): a key of LABELS in told.py and the
// words concerned. boldHeadings: bold lines become headings.
export function surroundings(options) {
  const seen = new Set();
  const around = {
    link: (address) => (/^(https?|mailto|tel):/i.test(address) ? address : ""),
    picture: () => null,
    tell: () => {},
    firstNote: 1,
    boldHeadings: false,
    raisesSigns: FORMAT_RAISES_SIGNS,
    ...options,
  };
  around.tellOnce = (kind, words) => {
    let said = words.split(/\s+/).filter(Boolean).join(" ");
    if ([...said].length > LONGEST) said = `${[...said].slice(0, LONGEST - 1).join("")}…`;
    if (seen.has(`${kind} ${said}`)) return;
    seen.add(`${kind} ${said}`);
    around.tell(kind, said);
  };
  return around;
}
