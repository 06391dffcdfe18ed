package cmd

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"asof/cmd/mcp"
	"asof/replay/workspace"
)

func TestMCPParses(t *testing.T) {
	plain := mcpOptions{Options: mcp.Options{
		MaxRows: mcp.DefaultRows, Timeout: mcp.DefaultTimeout,
		Stores: []mcp.Store{{Ref: workspace.StoreRef{Store: "shop.db"}, Args: []string{"shop.db"}}},
	}}
	for _, tt := range []struct {
		args []string
		want mcpOptions
	}{
		{[]string{"shop.db"}, plain},
		{
			[]string{"a.db", "b.db", "--context", "x", "--max-rows", "5", "--timeout", "2s", "--redact", "/data/a", "--redact", "/actor", "--text", "--http", "127.0.0.1:0", "--token-file", "t"},
			mcpOptions{redact: []string{"/data/a", "/actor"}, http: "127.0.0.1:0", tokenFile: "t", Options: mcp.Options{
				MaxRows: 5, Timeout: 2 * time.Second, TextOnly: true, Stores: []mcp.Store{
					{Ref: workspace.StoreRef{Store: "a.db", Context: "x"}, Args: []string{"a.db", "--context", "x"}},
					{Ref: workspace.StoreRef{Store: "b.db", Context: "x"}, Args: []string{"b.db", "--context", "x"}},
				},
			}},
		},
	} {
		got, err := parsed(t, newMCPCmd, tt.args...)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %+v, %v; %+v is expected", tt.args, got, err, tt.want)
		}
	}
}

// TestSkillCommandsRun runs the commands of the skill file on the demo store.
func TestSkillCommandsRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	fill := strings.NewReplacer("STORE", "asof-demo.db", "STREAM@VERSION", "cart-42@10", "STREAM@POINT", "cart-42@head", "STREAM@A..B", "cart-42@10..28",
		"STREAM", "cart-42", "VERSION", "10")
	ran := 0
	for _, m := range regexp.MustCompile("`(asof [^`]*)`").FindAllStringSubmatch(mcp.Skill, -1) {
		line := fill.Replace(m[1])
		if out, code := runHere(dir, words(strings.TrimPrefix(line, "asof "))); code > exitFindings {
			t.Errorf("$ %s\nexits %d:\n%s", line, code, out)
		}
		ran++
	}
	if ran < 10 {
		t.Errorf("only %d commands are in the skill file", ran)
	}
}

// TestMCPCommandsRun runs the commands that replies have as the same question.
func TestMCPCommandsRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	w := workspace.New(workspace.Host{Dir: dir}, workspace.Options{CacheDir: filepath.Join(dir, "cache")})
	defer w.Close()
	store := mcp.Store{Name: "asof-demo.db", Ref: workspace.StoreRef{Store: "asof-demo.db"}, Args: []string{"asof-demo.db", "--config", "asof.toml"}}
	s := mcp.New(w, mcp.Options{Stores: []mcp.Store{store}})
	for _, call := range [][2]string{
		{"describe_store", `{"categories":["cart"]}`},
		{"find_streams", `{"pattern":"cart-*","categories":["cart"],"since":"2026-01-20","until":"2026-02-01","sort":"events","newest_first":true,"limit":3}`},
		{"find_streams", `{"where_state":"state.total < 0","at":"2026-02-01"}`},
		{"read_events", `{"stream":"cart-42","at":"10..28","types":["ItemAdded","CouponApplied"],"grep":"cup","changes":true,"newest_first":true}`},
		{"read_events", `{"since":"2026-03-30","until":"2026-03-31","where":"event.data.qty > 1","limit":5}`},
		{"read_events", `{"stream":"cart-42","path":"/total","limit":5}`},
		{"state_at", `{"stream":"cart-42","at":"type:CouponApplied","path":"/items[sku=cups-espresso]"}`},
		{"state_at", `{"stream":"cart-42","fold":"s.n = (s.n ?? 0) + 1"}`},
		{"diff_states", `{"stream":"cart-42","from":"10","to":"28"}`},
		{"diff_states", `{"stream":"cart-42","to":"28"}`},
		{"diff_states", `{"stream":"cart-42","from":"28","other_stream":"cart-44","to":"head"}`},
		{"find_change", `{"stream":"cart-42","good":"state.total >= 0","from":"2","to":"30"}`},
		{"blame", `{"stream":"cart-42","at":"28","path":"/total"}`},
		{"blame", `{"stream":"cart-42","path":"/total","history":true,"limit":3}`},
		{"blame", `{"stream":"cart-42","removed":true}`},
		{"check", `{"at":"2026-02-01"}`},
		{"query", `{"sql":"SELECT status, count(*) AS n FROM cart GROUP BY 1","at":"2026-02-01","limit":5}`},
		{"query", `{"tables":true,"fold":"merge"}`},
		{"check", `{"good":"state.total >= 0","projection":"cart"}`},
		{"trace", `{"stream":"order-42","at":"2"}`},
		{"state_at", `{"stream":"cart-42","at":"28","path":"/total","edits":[{"kind":"drop","version":10},{"kind":"set","version":17,"path":"/data/qty","value":2},{"kind":"swap","version":3,"other":4},{"kind":"drop","events":"20..22"}]}`},
	} {
		a := s.Call(t.Context(), call[0], json.RawMessage(call[1]), nil)
		var x struct{ About struct{ Command string } }
		if a.Failed {
			t.Errorf("%s %s: %s", call[0], call[1], a.Text)
			continue
		}
		if err := json.Unmarshal(a.Structured, &x); err != nil {
			t.Fatal(err)
		}
		if out, code := runHere(dir, words(strings.TrimPrefix(x.About.Command, "asof "))); code > exitFindings {
			t.Errorf("%s %s: $ %s\nexits %d:\n%s", call[0], call[1], x.About.Command, code, out)
		}
	}
}
