/** Links between the pages, and from them into the sources. */
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, readSource } from "../support/sources.ts";
import { pages } from "./examples.ts";

describe("the pages", () => {
  test.each(pages())("%s links to files and headings that exist", (page) => {
    const dead = linksOf(readSource(page)).filter((link) => {
      const [path = "", heading] = link.split("#");
      const target = path === "" ? page : posix.join(posix.dirname(page), path);
      if (!existsSync(`${ROOT}/${target}`)) return true;
      return (
        heading !== undefined && !headingsOf(readFileSync(`${ROOT}/${target}`, "utf8")).includes(heading)
      );
    });
    expect(dead).toEqual([]);
  });

  test("docs/README.md names every page", () => {
    const named = linksOf(readSource("docs/README.md")).map((link) => posix.join("docs", link));
    const missing = pages().filter((page) => posix.dirname(page) === "docs" && !named.includes(page));
    expect(missing).toEqual(["docs/README.md"]);
  });
});

/** What is linked to in the repository itself. */
function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^\w+:/.test(link));
}

/** The headings of a page as links name them. */
function headingsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
