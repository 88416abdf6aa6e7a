import { html } from 'hono/html';
import { assets } from '../assets/assets.ts';
import { layout, type Html } from './layout.ts';

/** A page that says one sentence: that something isn't there, or went wrong. */
export function messagePage({
  title,
  sentence,
  place,
}: {
  title: string;
  sentence: string;
  place: string | undefined;
}): Html {
  return layout(
    { title, place },
    html`<p>${sentence}</p>
      ${place === undefined ? '' : html`<p><a href="/">All audits and runs</a></p>`}`,
  );
}

/**
 * The form that asks for the token.
 *
 * @param to the path that was asked for, to go to afterwards.
 * @param fault why the last one wasn't taken.
 */
export function loginPage({ to, fault }: { to: string; fault: string | undefined }): Html {
  return layout(
    { title: 'Who is there?', script: assets.loginScript.path },
    html`<p>These pages are for those who have the server’s token.</p>
      <form method="post" action="/login">
        <input type="hidden" name="to" value="${to}" />
        <div>
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            ${fault === undefined ? '' : html`aria-describedby="fault" aria-invalid="true"`}
          />
        </div>
        <button>Log in</button>
      </form>
      ${fault === undefined ? '' : html`<p class="note loud" id="fault" role="alert">${fault}</p>`}`,
  );
}
