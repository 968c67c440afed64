// A replica in the page: what it holds, in short; a text that is written on its disk; and whether the others have it, too.
import { createClient, type SyncedDocument } from '../src/index.ts';
import { Editor } from '../parts/editor.ts';
import { element } from '../parts/page.ts';
import { mayType } from '../parts/status-line.ts';
import { SteadyLine } from '../parts/steady-line.ts';
import { Glyph } from './glyph.ts';
import { Holders } from './holders.ts';
import { cardLine } from './card-line.ts';
import type { ReplicaNow } from './snapshot.ts';
import { shortDigest } from './strata.ts';
import { cut } from './switchboard.ts';

export interface ReplicaSettings {
  readonly replica: ReplicaNow;
  readonly count: number;
  /** Its people's. */
  readonly colour: string;
  /** Its links. */
  readonly links: readonly string[];
  readonly nonce: string;
}

const documentName = 'cluster-demo';

export class ReplicaView {
  readonly section: HTMLElement;
  readonly #settings: ReplicaSettings;
  readonly #glyph: Glyph;
  readonly #button: HTMLButtonElement;
  readonly #document: SyncedDocument;
  readonly #holders: Holders;
  readonly #editor: Editor;
  readonly #line: SteadyLine;
  #isCutOff = false;
  #isStopped = false;

  constructor(settings: ReplicaSettings) {
    const { replica, colour, links, nonce, count } = (this.#settings = settings);
    const template = element('#replica', HTMLTemplateElement);
    this.section = element('section', HTMLElement, template.content).cloneNode(true) as HTMLElement;
    this.section.id = replica.place;
    this.section.ariaLabel = replica.name;
    this.section.style.setProperty('--own', colour);
    this.#glyph = new Glyph(this.#part('.node'));
    this.#part('h2').textContent = replica.name;
    this.#button = element('button', HTMLButtonElement, this.section);
    this.#button.addEventListener('click', () => void cut(links, !this.#isCutOff));
    this.#line = new SteadyLine({
      show: ({ is, text }) => {
        this.#part('.status').dataset['state'] = is;
        this.#part('.status-words').textContent = text;
      },
      // Of three lines that change at once none is read out: the sentence over them is.
      announce: () => {},
    });

    this.#document = createClient({ url: replica.sync }).open(documentName);
    const { doc, presence } = this.#document;
    presence.setLocalStateField('user', { name: replica.name, color: colour });
    this.#editor = new Editor({
      parent: this.#part('.text-editor'),
      text: doc.getText('content'),
      presence,
      label: `Text in ${replica.name}`,
      nonce,
    });
    this.#holders = new Holders(this.#document, count, () => this.#statusChanged());
    this.#document.onStatus(() => this.#statusChanged());
    this.#statusChanged();
  }

  /** Where its lines begin; on a narrow page, where they leave it downwards. */
  get ends(): { picture: Element; card: Element } {
    return { picture: this.#glyph.element, card: this.#part('.card') };
  }

  show({ says, name }: ReplicaNow, { hue, isCutOff }: { hue: number; isCutOff: boolean }): void {
    this.#glyph.show(says?.root, hue);
    this.#part('.digest').textContent = says?.root === undefined ? '' : shortDigest(says.root);
    this.#part('.sequence').textContent = says ? `sequence ${says.sequence}` : 'no answer';
    this.#isCutOff = isCutOff;
    this.section.classList.toggle('is-cut-off', isCutOff);
    this.#button.textContent = isCutOff ? 'Reconnect' : 'Cut off';
    this.#button.ariaLabel = `${this.#button.textContent} ${name}`;
  }

  /** Whether there is nobody any more who would start it again where it was: what is typed then would be lost. */
  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    this.#statusChanged();
  }

  #statusChanged(): void {
    const { status } = this.#document;
    this.#editor.isReadOnly = this.#isStopped || !mayType(status);
    this.#editor.hint =
      status.downloads.state === 'current' ? `Type here, in ${this.#settings.replica.name}.` : '';
    this.#line.take(cardLine(status, this.#holders.state, this.#settings));
  }

  #part(selector: string): HTMLElement {
    return element(selector, HTMLElement, this.section);
  }
}
