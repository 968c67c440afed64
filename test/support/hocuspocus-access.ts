// Scenarios of a stock Hocuspocus provider: tokens, and what they grant.
import { strict as assert } from 'node:assert';
import { HocuspocusClient, HocuspocusSocket } from './hocuspocus-client.ts';
import { documentOf, join, type Scenario } from './hocuspocus-scenario.ts';
import { storedDocument } from './stored-updates.ts';
import { until } from './until.ts';

const all = { write: ['**'] };
const renewals = 3;

export const accessScenarios: readonly Scenario[] = [
  {
    rules: '[HOC7] [ACC4]',
    name: 'read-only: it is told so, and sent everything; what it types is not taken, and not said to be saved',
    async run({ version, guarded }) {
      const { server, key } = guarded;
      using anna = await join({ server, version }, 'read', { token: key.sign(all) });
      anna.text.insert(0, 'to be read');
      await anna.saved();
      using ben = await join({ server, version }, 'read', { token: key.sign({ read: ['**'] }) });
      // He has nothing that is not here.
      await ben.saved();
      assert.deepEqual([ben.content, ben.scopes], ['to be read', ['readonly']]);
      ben.awareness.setLocalStateField('user', 'Ben');
      await until('anna sees ben', () => anna.sees(ben) === 'Ben');
      ben.text.insert(0, 'not ');
      anna.text.insert(10, ', and more');
      await until('ben reads on', () => ben.content === 'not to be read, and more');
      // Behind it came the answer to his own.
      assert.ok(ben.provider.hasUnsyncedChanges);
      assert.deepEqual([anna.content, ben.socket.connections], ['to be read, and more', 1]);
      await anna.saved();
      const stored = storedDocument(guarded.data, documentOf({ version }, 'read'));
      assert.equal(stored.getText('content').toJSON(), 'to be read, and more');
    },
  },
  {
    rules: '[HOC7] [ACC4]',
    name: 'read-only: what it has of its own is not said to be saved',
    async run({ version, guarded }) {
      const { server, key } = guarded;
      using anna = await join({ server, version }, 'of its own', { token: key.sign(all) });
      using ben = HocuspocusClient.on(server.hocuspocus, version, {
        document: documentOf({ version }, 'of its own'),
        token: key.sign({ read: ['**'] }),
      });
      ben.text.insert(0, 'from before');
      await ben.synced();
      anna.text.insert(0, 'hers');
      await until('ben has hers', () => ben.content.includes('hers'));
      assert.ok(ben.provider.hasUnsyncedChanges);
      assert.equal(anna.content, 'hers');
    },
  },
  {
    rules: '[HOC5] [ACC2] [ACC3]',
    name: 'is denied a document with the reason, and has the others on the same socket',
    async run({ version, guarded }) {
      const { server, key } = guarded;
      using socket = new HocuspocusSocket(server.hocuspocus, version);
      const own = documentOf({ version }, 'own');
      const token = key.sign({ write: [own] });
      using mine = new HocuspocusClient({ socket, document: own, token });
      using theirs = new HocuspocusClient({ socket, document: documentOf({ version }, 'theirs'), token });
      theirs.text.insert(0, 'mine');
      await until('it is denied', () => theirs.denials.length > 0);
      assert.match(theirs.denials[0]!, /^forbidden: The principal has no grant for this/);
      await mine.synced();
      mine.text.insert(0, 'mine');
      await mine.saved();
      assert.deepEqual([theirs.scopes, theirs.provider.synced], [[], false]);
      assert.deepEqual([socket.connections, socket.closeCodes], [1, []]);
    },
  },
  {
    rules: '[HOC5] [ACC1]',
    name: 'without a token that is good is denied, and let in with one on the same socket',
    async run({ version, guarded }) {
      const { server, key } = guarded;
      let token = key.forge(all);
      using anna = HocuspocusClient.on(server.hocuspocus, version, {
        document: documentOf({ version }, 'later'),
        token: async () => token,
      });
      await until('it is denied', () => anna.denials.length > 0);
      assert.match(anna.denials[0]!, /^unauthenticated: /);
      anna.text.insert(0, 'typed before');
      token = key.sign(all);
      // Version 2 has left the socket when it was denied, and comes back by this.
      if (version === '2.15') void anna.provider.connect();
      else await anna.provider.sendToken();
      await anna.saved();
      assert.equal(anna.socket.connections, 1);
      using ben = await join({ server, version }, 'later', { token });
      assert.equal(ben.content, 'typed before');
    },
  },
  {
    rules: '[HOC6] [ACC5]',
    name: 'is asked for a new token before the old one ends, and stays',
    versions: ['4.8', '3.4'],
    async run({ version, guarded }) {
      const { server, key } = guarded;
      let given = 0;
      const token = async (): Promise<string> => {
        given++;
        return key.sign({ ...all, expiresIn: 2 });
      };
      using anna = await join({ server, version }, 'renewed', { token });
      for (let renewal = 1; renewal <= renewals; renewal++) {
        anna.text.insert(anna.text.length, String(renewal));
        await until(`${renewal} renewals`, () => given > renewal);
        await anna.saved();
      }
      assert.deepEqual([anna.content, anna.socket.connections, anna.denials], ['123', 1, []]);
    },
  },
  {
    rules: '[HOC6] [ACC5]',
    name: 'cannot be asked for a new token, and comes back with one when the old one ends',
    versions: ['2.15'],
    async run({ version, guarded }) {
      const { server, key } = guarded;
      const token = async (): Promise<string> => key.sign({ ...all, expiresIn: 2 });
      using anna = await join({ server, version }, 'renewed', { token });
      await until('it has come back', () => anna.socket.connections >= 2);
      anna.text.insert(0, 'typed');
      await anna.saved();
      assert.deepEqual([anna.denials, anna.socket.closeCodes[0]], [[], 4205]);
    },
  },
  {
    rules: '[HOC6] [ACC5]',
    name: 'that says the same token again when a new one is wanted is asked once, and denied once when it ends',
    versions: ['4.8', '3.4'],
    async run({ version, guarded }) {
      const { server, key } = guarded;
      const only = key.sign({ ...all, expiresIn: 1 });
      let given = 0;
      const token = async (): Promise<string> => {
        given++;
        return only;
      };
      using anna = await join({ server, version }, 'same', { token });
      await until('it is denied', () => anna.denials.length > 0);
      assert.match(anna.denials[0]!, /^token_expired: /);
      // What was said before it is answered before it.
      using other = new HocuspocusClient({
        socket: anna.socket,
        document: documentOf({ version }, 'other'),
        token: key.sign(all),
      });
      await other.synced();
      assert.deepEqual([anna.denials.length, given, anna.socket.connections], [1, 2, 1]);
    },
  },
  {
    rules: '[HOC6] [ACC5]',
    name: 'with a new token that grants less loses what it does not grant, and with one that grants it again goes on',
    versions: ['4.8', '3.4'],
    async run({ version, guarded }) {
      const { server, key } = guarded;
      let claims: Parameters<typeof key.sign>[0] = all;
      using anna = await join({ server, version }, 'less', { token: async () => key.sign(claims) });
      using ben = await join({ server, version }, 'less', { token: key.sign(all) });
      anna.text.insert(0, 'one');
      await anna.saved();

      claims = { read: ['**'] };
      await anna.provider.sendToken();
      await until('she may only read', () => anna.scopes.at(-1) === 'readonly');
      anna.text.insert(3, ' two');
      claims = all;
      await anna.provider.sendToken();
      await until('she may write', () => anna.scopes.at(-1) === 'read-write');
      await anna.saved();
      await until('ben has it', () => ben.content === 'one two');

      claims = {};
      await anna.provider.sendToken();
      await until('it is denied', () => anna.denials.length > 0);
      assert.match(anna.denials[0]!, /^forbidden: /);
      anna.text.insert(7, ' three');
      ben.text.insert(0, 'zero ');
      await ben.saved();
      assert.equal(anna.content, 'one two three');
      claims = all;
      await anna.provider.sendToken();
      await anna.saved();
      await until('they agree', () => [anna, ben].every(({ content }) => content === 'zero one two three'));
      assert.equal(anna.socket.connections, 1);
    },
  },
  {
    rules: '[HOC5] [DEL1]',
    name: 'is denied a document that is deleted, and has the others on the same socket',
    async run(place) {
      const { server, version } = place;
      using socket = new HocuspocusSocket(server.hocuspocus, version);
      const name = documentOf(place, 'deleted');
      using gone = await new HocuspocusClient({ socket, document: name }).synced();
      using kept = await new HocuspocusClient({
        socket,
        document: documentOf(place, 'not deleted'),
      }).synced();
      gone.text.insert(0, 'gone');
      await gone.saved();
      const answer = await fetch(`${server.http}/v1/documents/${encodeURIComponent(name)}`, {
        method: 'DELETE',
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(answer.status, 200);
      await until('it is denied', () => gone.denials.length > 0);
      assert.match(gone.denials[0]!, /^document_deleted: /);
      kept.text.insert(0, 'kept');
      await kept.saved();
      assert.deepEqual([socket.connections, socket.closeCodes], [1, []]);
    },
  },
];
