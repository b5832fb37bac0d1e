import { part } from './part.ts';
import { leftOutHere } from './session/left-out.ts';

/** A table that a visitor can filter by any text in a row, and sort by a click on a column's heading. */
class LanguageTable extends HTMLElement {
  #living: AbortController | null = null;

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    const body = part(this, 'tbody', HTMLTableSectionElement);
    const count = part(this, '[role=status]', HTMLElement);
    const input = part(this, 'input', HTMLInputElement);

    const filter = () => {
      const wanted = input.value.trim().toLowerCase();
      const rows = [...body.rows];
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = wanted === '' ? `${rows.length} ${this.dataset['noun'] ?? 'rows'}` : `${shown} of ${rows.length}`;
    };
    input.addEventListener('input', filter, { signal });
    filter();
    part(this, '.filter', HTMLElement).hidden = false;

    this.#tellWhatRunsHere().catch(console.error);

    for (const [column, heading] of [...this.querySelectorAll<HTMLElement>('thead th')].entries()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.replaceChildren(button);
      button.addEventListener('click', () => this.#sortBy(column, heading, body), { signal });
    }
  }

  disconnectedCallback(): void {
    this.#living?.abort();
  }

  /** A page that comes from a runner says which of the rows that runner can run. */
  async #tellWhatRunsHere(): Promise<void> {
    const leftOut = await leftOutHere(this.dataset['base'] ?? '/');
    if (leftOut === null) return;
    for (const row of this.querySelectorAll<HTMLTableRowElement>('tbody tr')) {
      const runs = !leftOut.includes(row.dataset['snippet'] ?? '');
      part(row, '.here', HTMLElement).textContent = runs ? 'yes' : 'not in this image';
    }
  }

  #sortBy(column: number, heading: HTMLElement, body: HTMLTableSectionElement): void {
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    for (const other of this.querySelectorAll('thead th')) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const key = (row: HTMLTableRowElement) => row.cells[column]?.textContent.trim() ?? '';
    const sorted = [...body.rows].sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true, sensitivity: 'base' }));
    body.append(...(descending ? sorted.reverse() : sorted));
  }
}

customElements.define('language-table', LanguageTable);
