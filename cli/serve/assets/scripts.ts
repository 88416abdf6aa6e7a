/** Between two looks at a run under way: the server asks Temporal at most once a second. */
const POLL_MS = 2_000;

/**
 * Puts the newest progress into the page while a run is under way. What is new is said aloud in one short sentence, and
 * not each figure; when the run is over, the page is loaded again for its results.
 */
export const LIVE_SCRIPT = `
const region = document.querySelector('[data-progress]');
const said = document.querySelector('[data-say]');
const trouble = document.querySelector('[data-trouble]');
async function look() {
  if (document.visibilityState === 'visible') {
    try {
      const response = await fetch(region.dataset.progress, { cache: 'no-store' });
      if (response.status === 401 || response.status === 404) return location.reload();
      if (!response.ok) throw new Error(String(response.status));
      region.innerHTML = await response.text();
      trouble.hidden = true;
      const { sentence, over } = region.firstElementChild.dataset;
      if (said.textContent !== sentence) said.textContent = sentence;
      if (over !== undefined) return location.reload();
    } catch {
      trouble.hidden = false;
    }
  }
  setTimeout(look, ${POLL_MS});
}
setTimeout(look, ${POLL_MS});
`;

/**
 * A browser keeps a strict cookie back where a link from elsewhere leads here, such as from a message or a run's page; a
 * request from this page bears it. So who has a session goes on to what was asked for.
 */
export const LOGIN_SCRIPT = `
fetch('/session', { cache: 'no-store' }).then((response) => {
  if (response.ok) location.replace(location.href);
}, () => undefined);
`;
