package cli_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// secrets are all that no command may print, by what they are.
var secrets = map[string]string{
	"secret id":     "AKIDcommand0123456789abcdefghijklmn",
	"secret key":    "commandkey/0123456789+abcdefghijk",
	"session token": "commandtoken-0123456789-abcdefghijklmnop",
	"webhook":       "https://robot.customer.example/send?key=webhookkey-0123456789",
	"webhook's key": "webhookkey-0123456789",
	"status token":  "reporttoken-0123456789",
	"password":      "passw0rd-in-a-url",
}

// everyJob is every command that works with the cloud.
var everyJob = []string{
	"check", "plan", "copy --dry-run", "copy", "verify", "retain --dry-run", "retain --force", "copy --snapshot snap-none", "copy --to nowhere",
	"subscribe --dry-run", "subscribe", "subscribe --remove",
	"invoke testdata/check.json", "invoke -",
}

// secretive is a rig whose credentials and settings are all secrets, in a
// bubble, so that there is no socket.
func secretive(t *testing.T) *rig {
	t.Helper()
	b := newCloud(sim.Options{Rate: -1})
	b.cloud.AddKey(sim.Key{ID: secrets["secret id"], Secret: secrets["secret key"], Token: secrets["session token"]})
	b.env = map[string]string{
		"TENCENTCLOUD_SECRET_ID": secrets["secret id"], "TENCENTCLOUD_SECRET_KEY": secrets["secret key"], "TENCENTCLOUD_TOKEN": secrets["session token"],
		"SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing", "KEEP_LAST": "1", "LOG_LEVEL": "debug",
		"NOTIFY_URL": secrets["webhook"], "STATUS_TOKEN": secrets["status token"],
	}
	b.world.Handler.Now = time.Now
	b.world.Handler.Connect = func(c handler.Connection) job.Cloud {
		return tencent.New(tencent.Options{
			ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(), Transport: b.cloud.Transport(), Pacer: tencent.NewPacer(100),
		})
	}
	b.snapshots(2)
	return b
}

// wantNoSecret runs every job, for people and for programs, and demands that
// nothing it prints holds a secret.
func (b *rig) wantNoSecret(t *testing.T, what string) {
	t.Helper()
	for _, job := range everyJob {
		for _, args := range []string{job, job + " --json"} {
			b.world.Stdin = strings.NewReader(`{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ` + secrets["status token"] + `"}}`)
			var out bytes.Buffer
			b.world.Stdout, b.world.Stderr = &out, &out
			_ = cli.Run(t.Context(), strings.Fields(args), b.world) // Main listens for signals, which are outside of any bubble
			if out.Len() == 0 {
				t.Errorf("%s: %q printed nothing: the test shows nothing", what, args)
			}
			for name, secret := range secrets {
				for _, form := range []string{secret, url.QueryEscape(secret), secret[:14], secret[len(secret)-10:]} {
					if strings.Contains(out.String(), form) {
						t.Errorf("%s: %q printed the %s:\n%s", what, args, name, &out)
					}
				}
			}
		}
	}
}

func TestNoCommandPrintsASecret(t *testing.T) {
	said := "signed by " + secrets["secret id"] + " with " + secrets["secret key"] + " and " + secrets["session token"]
	faults := []sim.Fault{{}}
	for _, kind := range sim.FaultKinds() {
		codes := []string{""}
		if kind == sim.Refuse || kind == sim.RefuseRows {
			codes = []string{"InternalError", "AuthFailure.SignatureFailure", "InsufficientSnapshotQuota", "InvalidParameterValue"}
		}
		for _, code := range codes {
			faults = append(faults, sim.Fault{Kind: kind, Code: code, Message: said, Delay: 3 * time.Second})
		}
	}
	for _, fault := range faults {
		for _, level := range []string{"debug", ""} {
			synctest.Test(t, func(t *testing.T) {
				b := secretive(t)
				b.env["LOG_LEVEL"] = level
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.N%2 == 0 {
						return sim.Fault{}
					}
					return fault
				})
				b.wantNoSecret(t, fault.Kind.String()+" "+fault.Code)
			})
		}
	}
}

func TestNoCommandPrintsASecretWithWrongSettings(t *testing.T) {
	for what, spoil := range map[string]func(env map[string]string){
		"a key that is not the id's": func(env map[string]string) { env["TENCENTCLOUD_SECRET_ID"] = "AKIDunknown" },
		"no id":                      func(env map[string]string) { env["TENCENTCLOUD_SECRET_ID"] = "" },
		"no key":                     func(env map[string]string) { env["TENCENTCLOUD_SECRET_KEY"] = "" },
		"a key with a line break":    func(env map[string]string) { env["TENCENTCLOUD_SECRET_KEY"] += "\n" },
		"a token with a blank":       func(env map[string]string) { env["TENCENTCLOUD_TOKEN"] += " x" },
		"a webhook in the clear": func(env map[string]string) {
			env["NOTIFY_URL"] = strings.Replace(secrets["webhook"], "https", "http", 1)
		},
		"a webhook with a line break": func(env map[string]string) { env["NOTIFY_URL"] += "\n" },
		"a webhook that is no URL":    func(env map[string]string) { env["NOTIFY_URL"] = "hooks " + secrets["webhook"] },
		"a status token with a blank": func(env map[string]string) { env["STATUS_TOKEN"] += " x" },
		"a password in the endpoint":  func(env map[string]string) { env["API_ENDPOINT"] = "https://u:" + secrets["password"] + "@example.com" },
		"a password in the domain":    func(env map[string]string) { env["API_DOMAIN"] = "https://u:" + secrets["password"] + "@example.com" },
		"mistakes in other settings":  func(env map[string]string) { env["MAX_AGE"], env["KEEP_LAST"] = "soon", "0" },
	} {
		synctest.Test(t, func(t *testing.T) {
			b := secretive(t)
			spoil(b.env)
			b.wantNoSecret(t, what)
		})
	}
}
