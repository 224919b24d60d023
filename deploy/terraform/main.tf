# snapferry as a Terraform module: functions, timers, event rule and target, roles with
# their policies, log topic, alarm policy. See example/main.tf.
#
# Names, timers, memory, timeouts, event pattern and permissions come from functions.json,
# which a test holds equal to serverless.yml and "snapferry policy". A destroy removes what
# is made here, the log topic with its logs too, and never a replica.
#
# What was validated, with Terraform 1.11.4:
# - "validate" and "plan" of everything but triggers, event rule, event target, dynamic
#   index and data sources, by the provider itself in version 1.81.0;
# - "validate", "plan", "apply", a second "plan" without changes, and "destroy" of the
#   example, by a stand-in without a service behind it. It declares the arguments used here
#   as the provider's published source does, the triggers' as the documents of 1.83.21 have
#   them. Where 1.81.0 has an argument, the two agree.
#
# What could not be: 1.83.21 itself, which was not to be had; anything against an account,
# so an apply, and how often a plan shows changes in the event pattern or the alarm's
# objects, which the provider compares as texts; the namespace and the dimensions of an
# alarm. Read the plan, and try it with one disk.

terraform {
  required_version = ">= 1.3"
  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = "~> 1.83, >= 1.83.21" # its documents have these triggers
    }
  }
}

locals {
  deployed  = jsondecode(file("${path.module}/functions.json"))
  functions = { for name, f in local.deployed.functions : name => f if var.functions == null || contains(coalesce(var.functions, []), name) }
  timers    = { for name, t in local.deployed.timers : name => t if contains(keys(local.functions), t.function) }
  events    = var.event_rule && contains(keys(local.functions), "snapshot-copy")
  shares    = lookup(var.settings, "SHARE_ACCOUNTS", "") != ""

  # With the event rule, copying and retention have one role: deletions by any other one
  # are reported as somebody else's.
  role = { for name, f in local.functions : name => local.events && f.job == "retain" ? "copy" : f.job }

  # The bus on which the service's own API calls arrive.
  bus = try([for bus in data.tencentcloud_eb_bus.all[0].event_buses : bus.event_bus_id if bus.type == "Cloud"][0], "")

  # The functions whose errors need a person: the status page's are answers to a reader.
  alarmed = var.alarm == null ? [] : [for name, f in local.functions : name if f.job != "status"]
}

resource "tencentcloud_cam_role" "this" {
  for_each = toset(values(local.role))

  name        = "${var.prefix}-${each.key}"
  document    = jsonencode(local.deployed.trust)
  description = "Of snapferry: ${each.key}."
}

resource "tencentcloud_cam_policy" "this" {
  for_each = local.functions

  name        = "${var.prefix}-${each.value.job}"
  description = "What \"snapferry policy ${each.value.job}\" prints."
  document = jsonencode({
    version = "2.0"
    statement = [{
      effect   = "allow"
      action   = concat(each.value.permissions, local.shares ? each.value.sharing : [])
      resource = ["*"]
    }]
  })
}

resource "tencentcloud_cam_role_policy_attachment" "this" {
  for_each = local.functions

  role_id   = tencentcloud_cam_role.this[local.role[each.key]].id
  policy_id = tencentcloud_cam_policy.this[each.key].id
}

resource "tencentcloud_cls_logset" "this" {
  logset_name = var.prefix
}

resource "tencentcloud_cls_topic" "this" {
  topic_name = var.prefix
  logset_id  = tencentcloud_cls_logset.this.id
  period     = var.log_days
}

resource "tencentcloud_cls_index" "this" {
  topic_id = tencentcloud_cls_topic.this.id
  status   = true

  rule {
    full_text {
      case_sensitive = false
      contain_z_h    = true
      tokenizer      = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
    }
    dynamic_index {
      status = true
    }
  }
}

resource "tencentcloud_scf_function" "this" {
  for_each = local.functions

  name              = each.key
  description       = each.value.description
  handler           = each.value.handler
  runtime           = each.value.runtime
  mem_size          = max(each.value.memory, 128) # the provider takes no 64 MB
  timeout           = each.value.timeout
  role              = tencentcloud_cam_role.this[local.role[each.key]].name
  zip_file          = var.package
  enable_public_net = true
  cls_logset_id     = tencentcloud_cls_logset.this.id
  cls_topic_id      = tencentcloud_cls_topic.this.id

  # All functions have the same settings: with different ones, one would delete what
  # another copies again. Only the names of secrets are no secret, so that a plan shows
  # the settings.
  environment = merge(
    var.settings,
    { for name in nonsensitive(keys(var.secrets)) : name => var.secrets[name] if name != "STATUS_TOKEN" || each.value.job == "status" },
    { JOB = each.value.job },
  )

  lifecycle {
    precondition {
      condition     = length(setintersection(keys(var.settings), local.deployed.secrets)) == 0
      error_message = "A secret is in settings, where every plan shows it: it belongs in the variable secrets."
    }
    precondition {
      condition     = length(setsubtract(nonsensitive(keys(var.secrets)), local.deployed.secrets)) == 0
      error_message = "secrets may have these names: ${join(", ", local.deployed.secrets)}."
    }
    precondition {
      condition     = each.value.job != "status" || contains(nonsensitive(keys(var.secrets)), "STATUS_TOKEN")
      error_message = "secrets has no STATUS_TOKEN (openssl rand -hex 24): the status page would answer nobody."
    }
  }

  depends_on = [tencentcloud_cam_role_policy_attachment.this]
}

resource "tencentcloud_scf_trigger" "timer" {
  for_each = local.timers

  function_name   = tencentcloud_scf_function.this[each.value.function].name
  namespace       = "default"
  trigger_name    = each.key
  type            = "timer"
  trigger_desc    = each.value.cron
  enable          = "OPEN"
  qualifier       = "$DEFAULT"
  custom_argument = each.value.argument
}

# The function's URL. Anybody may ask, and only who has the token is answered. Such a
# trigger must have no name: the provider gives it one.
resource "tencentcloud_scf_trigger" "url" {
  for_each = { for name, f in local.functions : name => f if f.job == "status" }

  function_name = tencentcloud_scf_function.this[each.key].name
  namespace     = "default"
  type          = "http"
  enable        = "OPEN"
  qualifier     = "$DEFAULT"
  trigger_desc = jsonencode({
    AuthType  = "NONE"
    NetConfig = { EnableIntranet = false, EnableExtranet = true }
  })
}

data "tencentcloud_user_info" "this" {
  count = local.events ? 1 : 0
}

# All buses: the provider does not send its filters to the service.
data "tencentcloud_eb_bus" "all" {
  count = local.events ? 1 : 0
}

resource "tencentcloud_eb_event_rule" "this" {
  count = local.events ? 1 : 0

  event_bus_id  = local.bus
  rule_name     = local.deployed.rule.name
  description   = "made by Terraform"
  enable        = true
  event_pattern = jsonencode(local.deployed.rule.pattern)

  lifecycle {
    precondition {
      condition     = local.bus != ""
      error_message = "There is no event bus of API calls: is the provider's region ${local.deployed.rule.region}, and was EventBridge opened in the console once?"
    }
  }
}

resource "tencentcloud_eb_event_target" "this" {
  count = local.events ? 1 : 0

  event_bus_id = tencentcloud_eb_event_rule.this[0].event_bus_id
  rule_id      = tencentcloud_eb_event_rule.this[0].rule_id
  type         = "scf"

  target_description {
    resource_description = "qcs::scf:${local.deployed.rule.region}:uin/${data.tencentcloud_user_info.this[0].owner_uin}:namespace/default/function/${tencentcloud_scf_function.this["snapshot-copy"].name}/$DEFAULT"
  }
}

# A function returns an error if and only if a person must act.
resource "tencentcloud_monitor_alarm_policy" "this" {
  count = length(local.alarmed) > 0 ? 1 : 0

  policy_name  = var.prefix
  remark       = "A function of snapferry returned an error: its log says what to do."
  monitor_type = "MT_QCE"
  namespace    = var.alarm.namespace
  enable       = 1
  project_id   = 0
  notice_ids   = var.alarm.notice_ids

  conditions {
    is_union_rule = 0
    rules {
      metric_name      = "Error"
      period           = 300
      operator         = "gt"
      value            = "0"
      continue_period  = 1
      notice_frequency = 3600
      is_power_notice  = 0
    }
  }
}

resource "tencentcloud_monitor_policy_binding_object" "this" {
  count = length(local.alarmed) > 0 ? 1 : 0

  policy_id = tencentcloud_monitor_alarm_policy.this[0].id

  dynamic "dimensions" {
    for_each = local.alarmed
    content {
      dimensions_json = jsonencode({ functionName = dimensions.value, namespace = "default", version = "$LATEST" })
    }
  }
}
