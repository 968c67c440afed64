// The panel beside the text: what the client knows, a network that can be made worse, and the messages. What is said elsewhere in the page
// does not depend on it.
import type { Client, DocumentStatus } from '../../src/index.ts';
import { element } from '../../parts/page.ts';
import { recall, remember } from '../memory.ts';
import { type Fact, factsOf } from './facts.ts';
import type { FrameLog } from './frame-log.ts';
import { FrameTable } from './frame-table.ts';
import type { Network } from './network.ts';
import { History, plainOf, recordingOf } from './recording.ts';
import type { Switches } from './switches.ts';

export interface PanelSettings {
  readonly client: Pick<Client, 'status' | 'onStatus'>;
  /** Of the document that is shown. */
  readonly documentStatus: () => DocumentStatus | undefined;
  readonly network: Network;
  readonly log: FrameLog;
}

const key = 'panel';
/** Times are told in seconds. */
const tickMs = 1_000;

export class Panel {
  readonly #settings: PanelSettings;
  readonly #panel = element('#panel', HTMLElement);
  readonly #toggle = element('#panel-toggle', HTMLButtonElement);
  readonly #facts = element('#facts', HTMLDListElement);
  readonly #frames = new FrameTable();
  readonly #history = new History();
  #tick: ReturnType<typeof setInterval> | undefined;
  #isDrawing = false;

  constructor(settings: PanelSettings) {
    this.#settings = settings;
    const { client, log } = settings;
    log.onFrame((frame) => {
      this.#frames.add(frame);
      this.#drawSoon();
    });
    client.onStatus(() => this.changed());
    this.#toggle.addEventListener('click', () => this.#open(this.#panel.hidden !== false));
    element('#panel-close', HTMLButtonElement).addEventListener('click', () => this.#close());
    this.#panel.addEventListener('keydown', ({ key: pressed }) => {
      if (pressed === 'Escape') this.#close();
    });
    element('#export', HTMLButtonElement).addEventListener('click', () => this.#export());
    for (const name of ['isOffline', 'isSlow', 'isLossy'] as const) this.#bindSwitch(name);
    this.#open(recall('localStorage', key) === 'open');
    this.changed();
  }

  /** Something of the client or of the document that is shown may be otherwise than before. */
  changed(): void {
    const { client, documentStatus, network } = this.#settings;
    const document = documentStatus();
    this.#history.add({
      atMs: Date.now(),
      clockMs: performance.now(),
      switches: network.switches,
      client: plainOf(client.status),
      document: document && plainOf(document),
    });
    this.#drawSoon();
  }

  #bindSwitch(name: keyof Switches): void {
    const { network } = this.#settings;
    const input = element(`input[name=${name}]`, HTMLInputElement, this.#panel);
    input.addEventListener('change', () => {
      network.turn({ [name]: input.checked });
      this.#toggle.dataset['tampered'] = String(Object.values(network.switches).some(Boolean));
      this.changed();
    });
  }

  #close(): void {
    this.#open(false);
    this.#toggle.focus();
  }

  #open(isOpen: boolean): void {
    this.#panel.hidden = !isOpen;
    this.#toggle.ariaExpanded = String(isOpen);
    remember('localStorage', key, isOpen ? 'open' : 'closed');
    clearInterval(this.#tick);
    this.#tick = isOpen ? setInterval(() => this.#drawSoon(), tickMs) : undefined;
    this.#drawSoon();
  }

  /** Once for all that changes before the next frame of the screen, and not while nobody sees it. */
  #drawSoon(): void {
    if (this.#isDrawing || this.#panel.hidden) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      if (!this.#panel.hidden) this.#draw();
    });
  }

  #draw(): void {
    const { client, documentStatus } = this.#settings;
    showFacts(this.#facts, factsOf(client.status, documentStatus(), performance.now()));
    this.#frames.draw();
  }

  #export(): void {
    const text = recordingOf(this.#history.standings, this.#settings.log.frames);
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `syncline-${new Date().toISOString().replaceAll(':', '-')}.json`;
    link.click();
    URL.revokeObjectURL(url);
  }
}

/** What stays the same is left alone: somebody may be reading or selecting it. */
function showFacts(list: HTMLDListElement, facts: readonly Fact[]): void {
  for (const [index, { name, text }] of facts.entries()) {
    const line = list.children[index] ?? newLine(list);
    const [term, words] = [line.children[0]!, line.children[1]!];
    if (term.textContent !== name) term.textContent = name;
    if (words.textContent !== text) words.textContent = text;
  }
}

function newLine(list: HTMLDListElement): HTMLElement {
  const line = document.createElement('div');
  line.append(document.createElement('dt'), document.createElement('dd'));
  list.append(line);
  return line;
}
