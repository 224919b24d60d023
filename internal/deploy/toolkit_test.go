package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	toolkit = flag.String("toolkit", "", "the folder in which npm has installed tencent-component-toolkit; none: its tests are skipped")
	update  = flag.Bool("update", false, "write the golden files anew")
)

// A platform answers the requests of the vendor's library as an account without
// functions does, and keeps those that make something.
type platform struct {
	mu      sync.Mutex
	made    []map[string]string // parameters
	there   map[string]bool
	unknown []string // actions that are not imitated
}

// perCall are the parameters that are others in each call, or say nothing.
var perCall = []string{"Nonce", "Timestamp", "SecretId", "Signature", "RequestClient", "Version"}

// ServeHTTP implements http.Handler.
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = r.ParseForm()
	sent := map[string]string{}
	for name := range r.Form {
		if !slices.Contains(perCall, name) {
			sent[name] = r.Form.Get(name)
		}
	}
	function, answer := sent["FunctionName"], map[string]any{"RequestId": "r"}
	switch sent["Action"] {
	case "GetFunction":
		answer["Status"], answer["FunctionName"], answer["Namespace"] = "Active", function, "default"
		if !p.there[function] {
			answer = map[string]any{"RequestId": "r", "Error": map[string]any{"Code": "ResourceNotFound.Function", "Message": "none"}}
		}
	case "CreateFunction", "CreateTrigger":
		p.there[function] = true
		p.made = append(p.made, sent)
		answer["TriggerInfo"] = map[string]any{"TriggerName": sent["TriggerName"], "Type": sent["Type"], "TriggerDesc": sent["TriggerDesc"]}
	case "ListTriggers", "GetAlias":
		answer["Triggers"], answer["TotalCount"] = []any{}, 0
	default:
		p.unknown = append(p.unknown, r.Host+" "+sent["Action"])
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Response": answer})
}

// through starts a proxy that leads every host to the platform. It returns the
// variables for a program that is to use it.
func through(t *testing.T, p http.Handler) []string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"*.tencentcloudapi.com", "*.gz.apigw.tencentcs.com", "*.cos.ap-guangzhou.myqcloud.com"}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewUnstartedServer(p)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(p)
	t.Cleanup(plain.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := secure.Listener
		if strings.HasSuffix(r.Host, ":80") {
			to = plain.Listener
		}
		there, err := net.Dial("tcp", to.Addr().String())
		if err != nil || r.Method != http.MethodConnect {
			http.Error(w, "only tunnels lead anywhere", http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(proxy.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"HTTPS_PROXY=" + proxy.URL, "NODE_EXTRA_CA_CERTS=" + authority}
}

// inputs are those of the library for each function: the conversion is the component's,
// which runs at the vendor and can't be had here.
func (p *deployment) inputs(values map[string]string) (all []map[string]any) {
	for _, name := range p.names() {
		f := p.Inputs.Functions[name]
		raw, _ := json.Marshal(f)
		one := map[string]any{}
		_ = json.Unmarshal(raw, &one)
		one["type"], one["region"] = p.Inputs.Type, p.Inputs.Region
		one["code"] = map[string]string{"bucket": "bucket", "object": "object"}
		one["environment"] = map[string]any{"variables": resolved(f, values)}
		one["role"] = values[reference.FindStringSubmatch(f.Role)[1]]
		events := []any{}
		for _, t := range p.Inputs.Triggers {
			if t.Function == name {
				events = append(events, map[string]any{t.Type: map[string]any{"name": t.Parameters["name"], "parameters": t.Parameters}})
			}
		}
		one["events"] = events
		all = append(all, one)
	}
	return all
}

// What the vendor's real library sends for the example's settings is what the golden
// files have: roles, variables, limits, timers that are switched on.
func TestTheVendorsLibrarySendsWhatTheFileSays(t *testing.T) {
	if *toolkit == "" {
		t.Skip("make deploy-check runs it: it needs node, and npm's package tencent-component-toolkit")
	}
	script, err := filepath.Abs("testdata/toolkit.js")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ watch, file string }{{"", "requests.json"}, {"ap-beijing", "requests_watcher.json"}} {
		t.Run(tc.file, func(t *testing.T) {
			d, _, _ := checkout(t, example(t))
			d.watch = tc.watch
			if err := d.do(t.Context(), "write"); err != nil {
				t.Fatal(err)
			}
			values, err := readSettings("snapferry.env")
			if err != nil {
				t.Fatal(err)
			}
			plan, err := readTemplate("dist/deploy/serverless.yml", "")
			if err != nil {
				t.Fatal(err)
			}
			order, err := json.Marshal(map[string]any{"region": plan.Inputs.Region, "functions": plan.inputs(values)})
			if err != nil {
				t.Fatal(err)
			}
			account := &platform{there: map[string]bool{}}
			node := exec.CommandContext(t.Context(), "node", script)
			node.Env = append(through(t, account), "PATH="+os.Getenv("PATH"), "NODE_PATH="+filepath.Join(*toolkit, "node_modules"))
			node.Stdin = bytes.NewReader(order)
			if out, err := node.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if len(account.unknown) > 0 {
				t.Errorf("the library also sends %s", strings.Join(account.unknown, ", "))
			}
			wantGolden(t, filepath.Join(golden, tc.file), account.made)
		})
	}
}

func wantGolden(t *testing.T, file string, made []map[string]string) {
	t.Helper()
	got, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s (%v): the library sends\n%s", file, err, got)
	}
}
