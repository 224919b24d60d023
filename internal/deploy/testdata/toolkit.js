// Does with what the vendor's command sent (standard input) what the vendor's component
// multi-scf does: one function after the other, then the triggers of all. The component
// itself runs at the vendor and can't be had here: this conversion is ours, after its
// documentation.
'use strict';
const { Scf, TriggerManager } = require('tencent-component-toolkit');

const { method, instance } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const { functions, triggers, region, type, runtime } = instance.inputs;
const credentials = { SecretId: 'AKIDcheck', SecretKey: 'check' };

(async () => {
  const scf = new Scf(credentials, region);
  for (const key of Object.keys(functions).sort()) {
    const { environments, ...f } = functions[key];
    if (method === 'remove') {
      await scf.remove({ functionName: f.name });
      continue;
    }
    const variables = Object.fromEntries(environments.map(({ key, value }) => [key, value]));
    const code = { bucket: 'bucket', object: 'object' };
    await scf.deploy({ type, runtime, ...f, environment: { variables }, code });
  }
  if (method === 'remove') return;
  const named = triggers.map((t) => ({ ...t, function: { name: functions[t.function].name } }));
  await new TriggerManager(credentials, region).bulkCreateTriggers(named);
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
