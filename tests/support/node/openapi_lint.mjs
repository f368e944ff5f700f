// Prints the findings of the recommended rules of Redocly and Spectral for an OpenAPI document, as a
// JSON list. It uses the libraries, because the commands of both look for updates first.
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
