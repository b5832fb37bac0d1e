import { part } from '../part.ts';
import { runnerUrl } from '../session/session-url.ts';
import { askToJoin } from './ask-to-join.ts';

/** The place in a page where the join code is typed. */
export type JoinBox = {
  /** Shows it; `joined` is called once the runner has let this browser in. */
  ask(joined: () => void): void;
  hide(): void;
  dispose(): void;
};

export function openJoinBox(form: HTMLFormElement, base: string): JoinBox {
  const field = part(form, 'input', HTMLInputElement);
  const button = part(form, 'button', HTMLButtonElement);
  const answer = part(form, '.join-answer', HTMLElement);
  const living = new AbortController();
  let onJoined: (() => void) | null = null;

  const hide = () => {
    form.hidden = true;
    onJoined = null;
    say('');
  };
  const say = (sentence: string) => {
    answer.textContent = sentence;
    if (sentence === '') field.removeAttribute('aria-invalid');
    else field.setAttribute('aria-invalid', 'true');
  };

  form.addEventListener(
    'submit',
    async (event) => {
      event.preventDefault();
      if (field.value.trim() === '') return field.focus();
      button.disabled = true;
      const refusal = await askToJoin(runnerUrl('api/join', base, location.href), field.value);
      button.disabled = false;
      if (onJoined === null) return;
      if (refusal !== null) {
        say(refusal);
        return field.select();
      }
      const joined = onJoined;
      field.value = '';
      hide();
      joined();
    },
    { signal: living.signal },
  );

  return {
    ask(joined) {
      onJoined = joined;
      form.hidden = false;
      field.focus({ preventScroll: true });
      form.scrollIntoView({ block: 'center' });
    },
    hide,
    dispose() {
      hide();
      living.abort();
    },
  };
}
