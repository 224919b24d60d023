# All functions beside the event bus, and a watcher in the recovery region, which goes on
# telling when the first region is lost.

variable "status_token" {
  type      = string
  sensitive = true
}

locals {
  package = "${path.module}/snapferry-0.3.0.zip" # of make release
  settings = {
    SOURCE_REGIONS = "ap-guangzhou"
    TARGET_REGIONS = "ap-beijing"
    KEEP_DAILY     = "14"
    RPO            = "26h"
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
  source = "../"

  package  = local.package
  settings = local.settings
  secrets  = local.secrets
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
