variable "package" {
  description = "The zip of a release. Its name holds the version: under the same name a new content would not be noticed."
  type        = string
}

variable "settings" {
  description = "The settings of all functions, as docs/reference.md names them, without the secret ones. TARGET_REGIONS is required."
  type        = map(string)

  validation {
    condition     = lookup(var.settings, "TARGET_REGIONS", "") != ""
    error_message = "TARGET_REGIONS is missing: the regions to which snapshots are copied."
  }
  validation {
    condition     = !contains(keys(var.settings), "JOB")
    error_message = "JOB is set for each function."
  }
}

variable "secrets" {
  description = "The secret settings: STATUS_TOKEN (openssl rand -hex 24) for snapshot-status, NOTIFY_URL, HEARTBEAT_URL. A plan does not show them, but the state of Terraform holds them: protect that."
  type        = map(string)
  sensitive   = true
}

variable "functions" {
  description = "The functions to deploy; null is all. A watcher in another region has snapshot-verify and snapshot-status."
  type        = set(string)
  default     = null
}

variable "event_rule" {
  description = "Send new snapshots to snapshot-copy at once. The event bus and the functions must be in ap-guangzhou, so the provider's region must be that."
  type        = bool
  default     = true
}

variable "prefix" {
  description = "How the names of roles, policies, log set and alarm begin. A second deployment needs another one."
  type        = string
  default     = "snapferry"
}

variable "log_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 30
}

variable "alarm" {
  description = "An alarm on the errors of all functions but snapshot-status: the notices to send (their ids), and the namespace of functions in alarm policies, which \"tccli monitor DescribeAllNamespaces\" shows. null is no alarm."
  type = object({
    namespace  = string
    notice_ids = list(string)
  })
  default = null
}
