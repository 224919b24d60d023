// Deploys functions with the vendor's library, as its component does after it has read
// serverless.yml. Standard input: {"region": …, "functions": [inputs of each]}.
'use strict';
const { Scf } = require('tencent-component-toolkit');

const order = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const credentials = { SecretId: 'AKIDcheck', SecretKey: 'check' };

(async () => {
  for (const inputs of order.functions) {
    await new Scf(credentials, order.region).deploy(inputs);
  }
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
