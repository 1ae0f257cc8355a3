// Types for a client in TypeScript: `npx graphql-codegen --config codegen.ts` writes api.ts.
// It reads the schema as text; a committed copy of schema.graphql in its place works as well.
import type { CodegenConfig } from '@graphql-codegen/cli';

const address = process.env.ORGRAPH_SCHEMA ?? 'http://127.0.0.1:8000/schema.graphql';
const token = process.env.ORGRAPH_TOKEN;

const config: CodegenConfig = {
  schema: [{ [address]: { headers: token ? { authorization: `Bearer ${token}` } : {} } }],
  documents: ['*.graphql'],
  generates: {
    'api.ts': {
      plugins: ['typescript-operations'],
      config: {
        // Every scalar is JSON's own: a text, or a number that fits. Nothing is parsed behind the reader's back.
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          Cents: 'number',
          DateTime: 'string',
          EmailAddress: 'string',
          ID: 'string',
          JSON: 'unknown',
          LocalTime: 'string',
          Slug: 'string',
          TimeZone: 'string',
          Url: 'string',
        },
      },
    },
  },
};

export default config;
