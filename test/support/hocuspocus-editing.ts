// Scenarios of a stock Hocuspocus provider: editing and presence, with a connection and without, and beside other clients.
import { strict as assert } from 'node:assert';
import { StockClient } from './client.ts';
import { documentOf, enter, join, type Scenario } from './hocuspocus-scenario.ts';
import { SdkClient, textOf } from './sdk-client.ts';
import { ServerProcess, temporaryFolder } from './server.ts';
import { storedDocument } from './stored-updates.ts';
import { readAuthoredTrace } from './trace.ts';
import { until } from './until.ts';

const largeBytes = 5 * 1024 * 1024;
const trace = readAuthoredTrace();

export const editingScenarios: readonly Scenario[] = [
  {
    rules: '[HOC1]',
    name: 'join, edit both ways',
    async run(place) {
      using anna = await join(place, 'together');
      using ben = await join(place, 'together');
      anna.text.insert(0, 'hello');
      await until('ben has it', () => ben.content === 'hello');
      ben.text.insert(5, ' world');
      await until('anna has it', () => anna.content === 'hello world');
      using cleo = await join(place, 'together');
      assert.equal(cleo.content, 'hello world');
      assert.deepEqual([...anna.denials, ...ben.denials, ...cleo.denials], []);
      assert.deepEqual(anna.scopes, ['read-write']);
    },
  },
  {
    rules: '[HOC1] [PRS1]',
    name: 'presence both ways: it ends with its client',
    async run(place) {
      using anna = await join(place, 'present');
      const ben = await join(place, 'present');
      anna.awareness.setLocalStateField('user', { name: 'Anna' });
      ben.awareness.setLocalStateField('user', { name: 'Ben' });
      await until('each sees the other', () => anna.sees(ben) !== undefined && ben.sees(anna) !== undefined);
      assert.deepEqual([anna.sees(ben), ben.sees(anna)], [{ name: 'Ben' }, { name: 'Anna' }]);
      // Somebody who comes later is told at once.
      using cleo = await join(place, 'present');
      await until('cleo sees anna', () => cleo.sees(anna) !== undefined);
      await ben.socket.disconnect();
      await until('anna sees ben no more', () => !anna.awareness.getStates().has(ben.doc.clientID));
      ben[Symbol.dispose]();
    },
  },
  {
    rules: '[HOC8]',
    name: 'presence that is taken back is gone for the others at once',
    async run(place) {
      using anna = await join(place, 'taken back');
      using ben = await join(place, 'taken back');
      ben.awareness.setLocalStateField('user', { name: 'Ben' });
      await until('anna sees ben', () => anna.sees(ben) !== undefined);
      ben.awareness.setLocalState(null);
      // It would time out after 30 s.
      await until('anna sees ben no more', () => !anna.awareness.getStates().has(ben.doc.clientID), 10_000);
      ben.awareness.setLocalState({ user: { name: 'Ben again' } });
      await until('anna sees ben again', () => anna.sees(ben) !== undefined);
    },
  },
  {
    rules: '[HOC1] [HOC2]',
    name: 'offline edits and reconnect: what is typed and what is deleted',
    async run(place) {
      using anna = await join(place, 'offline');
      using ben = await join(place, 'offline');
      anna.text.insert(0, 'a line to keep');
      await until('ben has it', () => ben.content === 'a line to keep');
      await Promise.all([anna, ben].map(({ socket }) => socket.disconnect()));
      for (const letter of ', and more') anna.text.insert(anna.text.length, letter);
      for (let times = 0; times < 5; times++) ben.text.delete(0, 1);
      for (const { socket } of [anna, ben]) socket.connect();
      await until('they agree', () => [anna, ben].every(({ content }) => content === 'e to keep, and more'));
      await Promise.all([anna.saved(), ben.saved()]);
      assert.deepEqual([anna.provider.unsyncedChanges, ben.provider.unsyncedChanges], [0, 0]);
    },
  },
  {
    rules: '[HOC1] [DUR2]',
    name: 'server SIGKILL and restart: with what was typed meanwhile',
    async run({ version }) {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      using anna = await join({ version, server }, 'killed');
      using ben = await join({ version, server }, 'killed');
      anna.text.insert(0, 'before');
      await until('ben has it', () => ben.content === 'before');
      await server.end('SIGKILL');
      anna.text.insert(6, ', meanwhile');
      await using again = await server.restart();
      await until('ben has what was typed meanwhile', () => ben.content === 'before, meanwhile');
      await anna.saved();
      using cleo = await join({ version, server: again }, 'killed');
      assert.equal(cleo.content, 'before, meanwhile');
    },
  },
  {
    rules: '[HOC13]',
    name: '5 MB document: it is synced when it is there',
    async run(place) {
      using anna = await join(place, 'large');
      const page = 'a page of text '.repeat(700);
      while (anna.text.length < largeBytes) anna.text.insert(anna.text.length, page);
      await until('it is saved', () => !anna.provider.hasUnsyncedChanges, 60_000);
      using ben = enter(place, 'large');
      let lengthWhenSynced = 0;
      ben.provider.on('synced', ({ state }: { state: boolean }) => {
        if (state) lengthWhenSynced = ben.text.length;
      });
      await until('ben has all', () => ben.text.length === anna.text.length, 60_000);
      await ben.saved();
      assert.equal(lengthWhenSynced, anna.text.length);
      assert.equal(ben.socket.connections, 1);
    },
  },
  {
    rules: '[HOC1] [HOC2]',
    name: `a text that one author types (${trace.origin}) ends as it was written, on the disk as well`,
    async run({ version }) {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      using anna = await join({ version, server }, 'typed');
      const { transactions, endContent } = trace;
      for (const [index, patches] of transactions.entries()) {
        anna.doc.transact(() => {
          for (const [position, deleted, inserted] of patches) {
            anna.text.delete(position, deleted);
            anna.text.insert(position, inserted);
          }
        });
        // As often as an event loop gets round while somebody types fast.
        if (index % 50 === 0) await new Promise(setImmediate);
      }
      assert.equal(anna.content, endContent);
      await until('it is saved', () => !anna.provider.hasUnsyncedChanges, 60_000);
      await server.end('SIGKILL');
      const stored = storedDocument(folder.path, documentOf({ version }, 'typed'));
      assert.equal(stored.getText('content').toJSON(), endContent);
    },
  },
  {
    rules: '[HOC15] [NAT9]',
    name: 'has content and presence in common with y-websocket and the client SDK',
    async run({ server, version }) {
      const document = documentOf({ version }, 'in common');
      using anna = await join({ server, version }, 'in common');
      using ben = await new StockClient({ url: server.yjs, document }).synced();
      await using sdk = new SdkClient({ url: server.sync });
      const notes = sdk.open(document);
      await notes.synced();
      anna.text.insert(0, 'one ');
      await until('both have one', () => [ben.text.toJSON(), textOf(notes)].every((each) => each === 'one '));
      ben.text.insert(4, 'two ');
      await until('both have two', () => [anna.content, textOf(notes)].every((each) => each === 'one two '));
      notes.doc.getText('content').insert(8, 'three');
      const all = 'one two three';
      await until('both have three', () => [anna.content, ben.text.toJSON()].every((each) => each === all));
      const present = { anna: anna.awareness, ben: ben.provider.awareness, cleo: notes.presence };
      for (const [name, awareness] of Object.entries(present)) awareness.setLocalStateField('user', name);
      const seen = (): string[] =>
        Object.values(present).map((awareness) =>
          JSON.stringify(
            [...awareness.getStates().values()].map((state) => String(state['user'])).toSorted(),
          ),
        );
      const everybody = JSON.stringify(['anna', 'ben', 'cleo']);
      await until('all see all', () => seen().every((each) => each === everybody));
    },
  },
];
