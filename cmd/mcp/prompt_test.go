package mcp

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.yaml.in/yaml/v3"
)

// TestPromptNamesTools checks that the prompt names tools that exist, and quotes what it
// is given.
func TestPromptNamesTools(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	client := connect(t, s)
	got, err := client.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: "investigate", Arguments: map[string]string{
		"symptom": "he says\nwe owe him money", "stream": "cart-42",
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := got.Messages[0].Content.(*sdk.TextContent).Text
	if !strings.Contains(text, `"he says\nwe owe him money"`) || !strings.Contains(text, `"cart-42"`) {
		t.Errorf("the prompt is\n%s", text)
	}
	for _, name := range []string{"describe_store", "state_at", "find_change", "blame", "trace", "check", "query"} {
		if s.tool(name) == nil || !strings.Contains(text, name) {
			t.Errorf("the prompt does not name the tool %s:\n%s", name, text)
		}
	}
	order := regexp.MustCompile(`state_at.*\n.*find_change.*\n.*blame with why.*\n.*state_at.*\n.*check.*\n.*shrink`)
	if !order.MatchString(text) {
		t.Errorf("the prompt does not walk from the state to a test:\n%s", text)
	}
	if _, err := client.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: "nothing"}); err == nil {
		t.Error("a prompt that does not exist is given")
	}
}

// TestSkillIsRead reads the skill file as an agent's program does: front matter of YAML,
// with a name and a description, and text below it.
func TestSkillIsRead(t *testing.T) {
	front, text, ok := strings.Cut(strings.TrimPrefix(Skill, "---\n"), "\n---\n")
	if !ok || !strings.HasPrefix(Skill, "---\n") {
		t.Fatal("the skill file has no front matter")
	}
	var got map[string]string
	if err := yaml.Unmarshal([]byte(front), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got["name"] != "asof" || !strings.HasSuffix(got["description"], "yourself.") || len(got["description"]) > 1024 {
		t.Errorf("the front matter is %q", got)
	}
	for _, want := range []string{"PostgreSQL", "MySQL", "asof query", "asof why", "## Exit codes"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the skill file", want)
		}
	}
}

// TestResources reads stores and states as resources.
func TestResources(t *testing.T) {
	s := newServer(t, Options{}, "shop.db", "odd.ndjson")
	client := connect(t, s)
	list, err := client.ListResources(t.Context(), nil)
	if err != nil || len(list.Resources) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, tt := range []struct{ uri, want string }{
		{"asof://shop.db", `"events":3500`},
		{"asof://shop.db/cart-42@28", `"total":-2.40`},
		{"asof://shop.db/cart-42@head", `"version":31`},
		{"asof://shop.db/cart-42@type%3ACouponApplied", `"version":10`},
		{"asof://odd.ndjson/-dash@head", `"n":1`},
		{"asof://shop.db/nobody@head", `"error":"no_stream"`},
		{"asof://shop.db/cart-42@17x", `"error":"bad_arguments"`},
	} {
		got, err := client.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: tt.uri})
		if err != nil {
			t.Errorf("%s: %v", tt.uri, err)
			continue
		}
		if got.CacheScope != "private" {
			t.Errorf("%s may be kept for others: %q", tt.uri, got.CacheScope)
		}
		if text := got.Contents[0].Text; !strings.Contains(text, tt.want) || !json.Valid([]byte(text)) {
			t.Errorf("%s: %q is not in %s", tt.uri, tt.want, text)
		}
	}
	for _, uri := range []string{"asof://nothing", "asof://nothing/cart-42@1", "asof://shop.db/cart-42", "file:///etc/passwd", "asof://shop.db/%zz@1"} {
		if got, err := client.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: uri}); err == nil {
			t.Errorf("%s is %v", uri, got.Contents[0].Text)
		}
	}
}
