import ts from 'typescript';
import type { Manifest } from './render.ts';

/** It is never written: its imports are looked up as if it stood here. */
const FILE = `${import.meta.dirname}/manifests.ts`;

/**
 * What is wrong in manifests by the types of the Kubernetes API (made of its OpenAPI description): unknown fields, wrong types,
 * fields that are missing. The type of an object literal is checked to its last field.
 */
export function apiFaults(manifests: Manifest[]): string[] {
  const source = manifests.map((manifest, index) => {
    const { apiVersion, kind } = manifest;
    const [first = '', second] = apiVersion.split('/');
    const module = second === undefined ? `core/${first}` : `${first.split('.')[0]}/${second}`;
    return `export const m${index}: import('kubernetes-types/${module}').${kind} = ${JSON.stringify(manifest, null, 2)};`;
  });
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2024.d.ts'] },
    ...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2024 },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === FILE || fileExists(name);
  host.getSourceFile = (name, language, ...rest) =>
    name === FILE ? ts.createSourceFile(name, source.join('\n'), language) : getSourceFile(name, language, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([FILE], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
