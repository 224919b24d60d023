output "functions" {
  description = "The functions, each with its role."
  value       = { for name, f in tencentcloud_scf_function.this : name => f.role }
}

output "log_topic" {
  description = "Where the functions log."
  value       = tencentcloud_cls_topic.this.id
}

output "event_rule" {
  description = "The rule that sends new snapshots to snapshot-copy; null is none: the timer copies."
  value       = one(tencentcloud_eb_event_rule.this[*].rule_id)
}

output "still_to_do" {
  description = "What Terraform does not do."
  value = compact([
    "snapferry check, and the Hello World test of each function in the console",
    contains(keys(local.functions), "snapshot-status") ? "open the URL of snapshot-status, which the SCF console shows among its triggers, with ?token=" : "",
    var.alarm == null ? "an alarm on the metric Error: see docs/operate.md" : "",
    contains(keys(local.functions), "snapshot-verify") ? "an alarm on the metric Invocation of snapshot-verify: if it stands still, nobody looks" : "",
  ])
}
