// A load program's side of the conversation with the process that measures: one answer for each command.

export type Answer = { readonly answer: unknown } | { readonly error: string };

export function answerCommands<Command>(run: (command: Command) => Promise<unknown>): void {
  process.on('message', (command: Command) => {
    void run(command).then(
      (answer) => reply({ answer }),
      (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  // Without its measurer a load has nobody to serve.
  process.on('disconnect', () => process.exit(0));
}

function reply(answer: Answer): void {
  process.send?.(answer);
}
