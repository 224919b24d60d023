package settings_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"snapferry/internal/settings"
)

const (
	webhook = "https://hooks.example.com/robot?key=s3cret-webhook"
	token   = "s3cret-token"
)

// shown is v as everything prints it that people print values with.
func shown(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out["encoding/json"] = string(raw)
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
	out["slog as JSON"] = b.String()
	b.Reset()
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
	out["slog as text"] = b.String()
	out["errors"] = fmt.Errorf("with %v: %w", v, errors.New("x")).Error()
	return out
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	s, err := settings.Read(env("NOTIFY_URL", webhook, "STATUS_TOKEN", token), home)
	if err != nil {
		t.Fatal(err)
	}
	c := settings.Credentials{ID: "s3cret-id", Key: "s3cret-key", Token: "s3cret-session"}
	for name, v := range map[string]any{
		"secret": s.StatusToken, "settings": s, "pointer to settings": &s, "credentials": c, "pointer to credentials": &c,
		"slice": []settings.Secret{s.NotifyURL}, "map": map[string]settings.Credentials{"c": c}, "struct": struct{ C settings.Credentials }{c},
	} {
		for how, text := range shown(t, v) {
			hex := fmt.Sprintf("%x", "s3cret")
			if strings.Contains(text, "s3cret") || strings.Contains(strings.ToLower(text), hex) {
				t.Errorf("%s by %s: %s", name, how, text)
			}
		}
	}
	if got := s.StatusToken.Reveal() + s.NotifyURL.Reveal(); got != token+webhook {
		t.Errorf("got %s", got)
	}
}

func TestAnEmptySecretShowsAsEmpty(t *testing.T) {
	if got := fmt.Sprintf("%v%v", settings.Secret(""), settings.Credentials{}.Token); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestMistakesInSecretsDoNotShowThem(t *testing.T) {
	for variable, value := range map[string]string{
		"NOTIFY_URL": "http://hooks.example.com/s3cret", "STATUS_TOKEN": "s3cret with blanks",
	} {
		for _, end := range []string{"", "\n", strings.Repeat("s3cret", 1000)} {
			_, err := settings.Read(env(variable, value+end), home)
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: got %v", variable, err)
			}
		}
	}
}

func TestCredentialsComeFromOneFamilyOfNames(t *testing.T) {
	const (
		scfID, scfKey, scfToken = "TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"
		cliID, cliKey, cliToken = "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"
	)
	for _, c := range []struct {
		name    string
		env     func(string) string
		want    settings.Credentials
		mistake string
	}{
		{"the function's role", env(scfID, "i", scfKey, "k", scfToken, "t"), settings.Credentials{ID: "i", Key: "k", Token: "t"}, ""},
		{"a person's key", env(cliID, "i", cliKey, "k"), settings.Credentials{ID: "i", Key: "k"}, ""},
		{"a person's session", env(cliID, "i", cliKey, "k", cliToken, "t"), settings.Credentials{ID: "i", Key: "k", Token: "t"}, ""},
		{"the role goes first", env(scfID, "i", scfKey, "k", cliID, "x", cliKey, "y", cliToken, "z"), settings.Credentials{ID: "i", Key: "k"}, ""},
		{"a leftover token", env(scfToken, "t", cliID, "i", cliKey, "k"), settings.Credentials{ID: "i", Key: "k"}, ""},
		{"an id of one and a key of the other", env(scfID, "s3cret", cliKey, "s3cret"), settings.Credentials{}, scfID + " is set and " + scfKey + " is not"},
		{"a key without an id", env(cliKey, "s3cret"), settings.Credentials{}, cliKey + " is set and " + cliID + " is not"},
		{"half a role beside a whole key", env(scfKey, "s3cret", cliID, "i", cliKey, "k"), settings.Credentials{}, scfKey + " is set and " + scfID + " is not"},
		{"a line break at the end", env(cliID, "i", cliKey, "s3cret\n"), settings.Credentials{}, cliKey + " has a blank, a line break"},
		{"nothing", env(), settings.Credentials{}, "no credentials: give the function a role"},
	} {
		got, err := settings.FindCredentials(c.env)
		checkMistake(t, c.name, err, c.mistake)
		if got != c.want {
			t.Errorf("%s: got other credentials", c.name)
		}
		if errors.Is(err, settings.ErrNoCredentials) != (c.name == "nothing") || strings.Contains(fmt.Sprint(err), "s3cret") {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
