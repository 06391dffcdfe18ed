package mcp

import (
	"encoding/json"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
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
	for _, name := range []string{"describe_store", "state_at", "find_change", "blame", "what_if", "check"} {
		if s.tool(name) == nil || !strings.Contains(text, name) {
			t.Errorf("the prompt does not name the tool %s:\n%s", name, text)
		}
	}
	if _, err := client.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: "nothing"}); err == nil {
		t.Error("a prompt that does not exist is given")
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
