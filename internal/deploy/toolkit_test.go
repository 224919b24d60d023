package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
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
	tools  = flag.String("tools", "", "the folder in which npm has installed the vendor's command and library; none: their tests are skipped")
	update = flag.Bool("update", false, "write the golden files anew")
)

//go:embed testdata/toolkit.js
var script string

// A platform answers the requests of the vendor's library as an account does, and keeps
// those that change something.
type platform struct {
	mu       sync.Mutex
	made     []map[string]string // parameters
	there    map[string]bool
	triggers map[string][]any // of a function
	unknown  []string         // actions that are not imitated
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
	case "CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "DeleteFunction":
		p.there[function] = sent["Action"] != "DeleteFunction"
		p.made = append(p.made, sent)
	case "CreateTrigger", "DeleteTrigger", "UpdateTrigger":
		p.made = append(p.made, sent)
		trigger := map[string]any{"TriggerName": sent["TriggerName"], "Type": sent["Type"], "TriggerDesc": sent["TriggerDesc"], "Qualifier": sent["Qualifier"], "CustomArgument": sent["CustomArgument"], "Enable": 1}
		p.triggers[function] = append(p.triggers[function], trigger)
		answer["TriggerInfo"] = trigger
	case "ListTriggers", "GetAlias":
		answer["Triggers"], answer["TotalCount"] = append([]any{}, p.triggers[function]...), len(p.triggers[function])
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
		DNSNames: []string{"*.tencentcloudapi.com", "*.gz.apigw.tencentcs.com", "*.cos.ap-guangzhou.myqcloud.com", "*.serverless-platform.com"}, IsCA: true, BasicConstraintsValid: true,
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
		// What the client sends right after the answer may already be in the buffer.
		here, sent, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, sent); _ = there.Close() }()
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

// library lets the vendor's library do with the account what the command sent.
func library(t *testing.T, account *platform, sent any) {
	t.Helper()
	order, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "-e", script)
	node.Env = append(through(t, account), "PATH="+os.Getenv("PATH"), "NODE_PATH="+filepath.Join(*tools, "node_modules"))
	node.Stdin = bytes.NewReader(order)
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(account.unknown) > 0 {
		t.Errorf("the library also sends %s", strings.Join(account.unknown, ", "))
	}
}

func wantGolden(t *testing.T, file string, made any) {
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
		t.Errorf("%s (%v): the vendor's programs send\n%s", file, err, got)
	}
}
