// A to-do list in an Automerge document, through automerge-repo.
import wasm from '@automerge/automerge/automerge.wasm?url';
import { type DocHandle, initializeWasm, isValidDocumentId, type Repo } from '@automerge/automerge-repo/slim';
import { tokenIn } from '../../address.ts';
import { serverOf } from '../address.ts';
import { Frame, literal } from '../frame.ts';
import { mayWrite } from '../grants.ts';
import { connect } from './connect.ts';
import source from './connect.ts?raw';
import './list.css';
import { isList, type List } from './list.ts';
import { ListView } from './list-view.ts';
import { Company } from './presence.ts';
import { Standing } from './standing.ts';

export async function start(): Promise<void> {
  await initializeWasm(wasm);
  const token = tokenIn(location.href);
  const query = token === undefined ? '' : `?${new URLSearchParams({ token })}`;
  const repo = connect({ server: serverOf(location.href), query });
  const asked = location.hash.slice(1);
  const id = asked || begin(repo);
  const frame = new Frame({
    title: 'To-do through automerge-repo',
    about: 'An Automerge document in automerge-repo 2.5, with its WebSocket adapter as it comes from npm.',
    caution:
      'Both heads are the same when everything that is here is on the disk of the server, and not before.',
    elsewhere: [
      'To any other Repo it is ',
      literal(`automerge:${id}`),
      ', and to the client SDK the document of this name.',
    ],
    source,
    document: id,
    retry: () => location.reload(),
  });
  const isAllowed = mayWrite(token, id);
  const standing = new Standing(repo, isAllowed, () => {
    frame.showFacts(standing.facts);
    frame.showLine(standing.line);
  });
  frame.showFacts(standing.facts);

  // A Repo takes what it cannot ask for within a second for unavailable: before there is a connection nobody has said so.
  if (asked) await connected(repo);
  const handle = await found(repo, id);
  if (!handle) return standing.refuse('The server does not have this document.');
  if (!isList(handle.doc())) return standing.refuse('This document is no to-do list.');
  standing.watch(handle);
  const place = document.createElement('fieldset');
  place.className = 'list';
  place.disabled = !isAllowed;
  frame.app.append(place);
  new ListView(place, handle);
  const company = new Company(handle, () => frame.showPeople(company.people));
  const meet = (): void => {
    company.isConnected = standing.isConnected;
    frame.showPeople(company.people);
  };
  repo.networkSubsystem.on('peer', meet);
  repo.networkSubsystem.on('peer-disconnected', meet);
  meet();
}

/** A new list. The address says which it is from then on. */
function begin(repo: Repo): string {
  const { documentId } = repo.create<List>({ items: {} });
  history.replaceState(null, '', `#${documentId}`);
  return documentId;
}

async function connected({ peers, networkSubsystem }: Repo): Promise<void> {
  if (peers.length === 0) await new Promise<unknown>((resolve) => networkSubsystem.once('peer', resolve));
}

async function found(repo: Repo, id: string): Promise<DocHandle<List> | undefined> {
  if (!isValidDocumentId(id)) return undefined;
  try {
    return await repo.find<List>(id);
  } catch {
    // The server has said that it does not have it.
    return undefined;
  }
}
