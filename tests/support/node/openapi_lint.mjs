// What the recommended rules of Redocly and Spectral find in an OpenAPI document, as a list in JSON.
// The libraries of both, and not their commands: those look for updates of themselves first.
import { readFileSync } from "node:fs";
import redocly from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";

const path = process.argv.at(-1);
const source = readFileSync(path, "utf8");
const findings = [];

const config = await redocly.createConfig({ extends: ["recommended"] });
for (const problem of await redocly.lintFromString({ source, absoluteRef: path, config })) {
  findings.push(`redocly ${problem.ruleId}: ${problem.message} (${problem.location[0].pointer})`);
}

const linter = new spectral.Spectral();
linter.setRuleset({ extends: [[rulesets.oas, "recommended"]] });
for (const problem of await linter.run(source)) {
  findings.push(`spectral ${problem.code}: ${problem.message} (${problem.path.join("/")})`);
}
console.log(JSON.stringify(findings));
