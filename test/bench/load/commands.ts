// A load program's side of the conversation with the process that measures: one answer for each command.

export type Answer = { readonly answer: unknown } | { readonly error: string };

/** Each program has its own commands, and is started by those who know them: what comes is taken for one of them. */
export function answerCommands(run: (command: never) => Promise<unknown>): void {
  process.on('message', (command) => {
    void run(command as never).then(
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
