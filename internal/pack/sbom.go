package main

import (
	"debug/buildinfo"
	"encoding/json"
	"strings"
)

// A bom is a software bill of materials, as CycloneDX 1.5 writes it. It has no serial
// number and no time, so that the same build gives the same bytes.
type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// billOfMaterials lists the modules that a build itself says it is made of, and Go's
// standard library.
func billOfMaterials(info *buildinfo.BuildInfo, version, commit string) ([]byte, error) {
	product := module("application", info.Main.Path, version, "")
	product.Properties = append(product.Properties, property{"commit", commit})
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{product}}
	b.Components = append(b.Components, module("library", "std", strings.TrimPrefix(info.GoVersion, "go"), ""))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		b.Components = append(b.Components, module("library", m.Path, m.Version, m.Sum))
	}
	raw, err := json.MarshalIndent(b, "", "  ")
	return append(raw, '\n'), err
}

// module is a module of Go. sum is what go.sum has of it.
func module(kind, path, version, sum string) component {
	url := "pkg:golang/" + path + "@" + version
	c := component{Type: kind, Ref: url, Name: path, Version: version, PURL: url}
	if sum != "" {
		c.Properties = []property{{"go.sum", sum}}
	}
	return c
}
