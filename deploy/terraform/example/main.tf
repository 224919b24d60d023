# All functions beside the event bus, and a watcher in the recovery region, which goes on
# telling when the first region is lost.
#
# Copy this file, put the zip of "make release" beside it, and fill in regions, keep rules
# and the path of the module. Keys and token come from the shell:
#
#   TENCENTCLOUD_SECRET_ID=… TENCENTCLOUD_SECRET_KEY=… TF_VAR_status_token=$(openssl rand -hex 24)

variable "status_token" {
  type      = string
  sensitive = true
}

locals {
  package = "${path.module}/snapferry-0.3.0.zip"
  settings = {
    SOURCE_REGIONS = "ap-guangzhou"
    TARGET_REGIONS = "ap-beijing"
    SELECT_DISKS   = "disk-xxxxxxxx" # to begin with one disk
    RPO            = "26h"
    # KEEP_DAILY   = "14" # without a keep rule, nothing is deleted
  }
  secrets = { STATUS_TOKEN = var.status_token }
}

provider "tencentcloud" {
  region = "ap-guangzhou"
}

provider "tencentcloud" {
  alias  = "recovery"
  region = "ap-beijing"
}

module "snapferry" {
  source = "../" # deploy/terraform of these sources

  package  = local.package
  settings = local.settings
  secrets  = local.secrets

  # alarm = { namespace = "…", notice_ids = ["notice-…"] }
}

output "still_to_do" {
  value = module.snapferry.still_to_do
}

module "watcher" {
  source    = "../"
  providers = { tencentcloud = tencentcloud.recovery }

  prefix     = "snapferry-watch"
  functions  = ["snapshot-verify", "snapshot-status"]
  event_rule = false
  package    = local.package
  settings   = local.settings
  secrets    = local.secrets
}

terraform {
  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = "~> 1.83, >= 1.83.21"
    }
  }
}
