import { EXIT, reportError } from "./errors.ts";

/** Runs the program with `args` (without the interpreter and script) and returns its exit status. Never throws. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const { createProgram } = await import("./program.ts");
    let status: number = EXIT.ok;
    const program = createProgram((result) => {
      status = result;
    });
    for (const command of [program, ...program.commands]) {
      command.exitOverride().configureOutput({
        outputError: (text, write) => write(text.replace(/^error: /, "rxreplica: ")),
      });
    }
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error, args.includes("--debug"));
  }
}

/** The parser has printed help, or what was wrong, before it throws. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && "exitCode" in error && typeof error.exitCode === "number";
}
