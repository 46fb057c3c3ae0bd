// The bar to call and book, at the thumb on phones, waits while the page shows a booking button of
// its own. Without this script it is always there.
const bar = document.querySelector(".reach");
const seen = new Set();

if (bar) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target);
      else seen.delete(target);
    }
    bar.classList.toggle("is-alone", !seen.size);
  });
  for (const button of document.querySelectorAll("main a.button:not(.outline)")) {
    observer.observe(button);
  }
}
