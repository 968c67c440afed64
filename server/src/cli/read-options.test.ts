import { expect, it } from 'vitest';
import { serveOptions } from './options.ts';
import { readOptions, UsageError } from './read-options.ts';

it('[RUN1] gives every option its default', () => {
  expect(readOptions(serveOptions, [], {})).toMatchObject({
    host: '127.0.0.1',
    port: 7070,
    durability: 'full',
  });
});

it.each([
  [['--prot', '1'], {}, 'There is no option --prot. Did you mean --port?'],
  [[], { SYNCLINE_DATTA: 'x' }, 'There is no option SYNCLINE_DATTA. Did you mean SYNCLINE_DATA?'],
  [['--port', '70700'], {}, '--port is a whole number from 0 to 65535, not 70700.'],
  [['--port', ''], {}, '--port is a whole number from 0 to 65535, not .'],
  [['--durability', 'half'], {}, '--durability is one of full, normal, not half.'],
  [['--config', 'no/such/file'], {}, 'The config file no/such/file cannot be read'],
] as const)('[RUN1] %j with %j is answered by name', (flags, environment, sentence) => {
  const read = (): unknown => readOptions(serveOptions, [...flags], environment);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(sentence);
});

it('[RUN1] a flag wins over the environment', () => {
  const options = readOptions(serveOptions, ['--port', '1'], {
    SYNCLINE_PORT: '2',
    SYNCLINE_HOST: '127.0.0.2',
  });
  expect(options).toMatchObject({ port: 1, host: '127.0.0.2' });
});
