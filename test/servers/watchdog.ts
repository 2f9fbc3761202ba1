/**
 * Ends servers and removes their folders when the process that started them ends, however it ends. Its own exit hook does
 * it normally; for the case that it is killed, a small shell reads a pipe from it and, at the end of the pipe, ends and
 * removes what is left.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * `$1` is the folder; lines `+pid` and `-pid` tell what runs. It survives the terminal's signals, since the pipe says when
 * to end.
 */
const SCRIPT = `trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "$pid"; done
rm -rf "$1"`;

const running = new Set<number>();
let folder: string | undefined;
let folders = 0;
let shell: ChildProcess | undefined;

/** A new temporary folder that is removed with this process at the latest. The path is short, for unix sockets. */
export function temporaryFolder(): string {
  if (folder === undefined) begin((folder = mkdtempSync(join(tmpdir(), "rxr-"))));
  return join(folder, String(++folders));
}

/** From now on `pid` ends with this process at the latest. `unwatch` when it has ended. */
export function watch(pid: number): void {
  if (folder === undefined) temporaryFolder();
  running.add(pid);
  shell?.stdin?.write(`+${pid}\n`);
}

export function unwatch(pid: number): void {
  if (running.delete(pid)) shell?.stdin?.write(`-${pid}\n`);
}

function begin(path: string): void {
  process.on("exit", () => endAll(path));
  const argv = ["-c", SCRIPT, "watchdog", path];
  shell = spawn("/bin/sh", argv, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", () => (shell = undefined));
  shell.stdin?.on("error", () => {});
  // Neither the shell nor its pipe may keep this process alive.
  shell.unref();
  (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
}

function endAll(path: string): void {
  for (const pid of running) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
  }
  rmSync(path, { recursive: true, force: true });
}
