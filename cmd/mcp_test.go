package cmd

import (
	"reflect"
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
			[]string{"a.db", "b.db", "--context", "x", "--max-rows", "5", "--timeout", "2s", "--redact", "/data/a", "--redact", "/actor", "--text"},
			mcpOptions{redact: []string{"/data/a", "/actor"}, Options: mcp.Options{
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
