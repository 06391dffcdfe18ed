package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"asof/cmd/mcp"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// mcpClients are the programs whose configuration --print-config prints, with the place
// where it belongs.
var mcpClients = []struct{ name, file, key string }{
	{"claude", ".mcp.json of a project (Claude Code), or claude_desktop_config.json", "mcpServers"},
	{"cursor", ".cursor/mcp.json of a project, or ~/.cursor/mcp.json", "mcpServers"},
	{"vscode", ".vscode/mcp.json of a project", "servers"},
}

// printMCPConfig prints what a client needs to start this server. The client may start it
// in any folder, so paths are absolute. A password is not in it.
func (a *app) printMCPConfig(client string, o mcpOptions) error {
	var names []string
	for _, c := range mcpClients {
		names = append(names, c.name)
	}
	i := slices.Index(names, client)
	if i < 0 {
		return usageNear(fault.Near(client, names, 1), "the clients are "+strings.Join(names, ", "), "unknown client %q", client)
	}
	if o.http != "" {
		return usagef("leave out --http: a client starts its own server", "--print-config is for a server over standard input")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args, err := a.mcpArgs(o)
	if err != nil {
		return err
	}
	server := map[string]any{"command": program, "args": args}
	if client == "vscode" {
		server["type"] = "stdio"
	}
	e := json.NewEncoder(a.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	a.note("config", "it belongs in "+mcpClients[i].file)
	if len(a.places) > 0 {
		a.note("config", "passwords are left out: give them in PGPASSWORD, ~/.pgpass or asof.toml")
	}
	return e.Encode(map[string]any{mcpClients[i].key: map[string]any{"asof": server}})
}

// mcpArgs are the arguments that start this server in any folder.
func (a *app) mcpArgs(o mcpOptions) ([]string, error) {
	args := []string{"mcp"}
	var ref workspace.StoreRef
	for _, s := range o.Stores {
		name := s.Ref.Store
		if _, err := os.Stat(a.path(name)); err == nil {
			name = absolute(a.path(name))
		}
		args, ref = append(args, name), s.Ref
	}
	if ref.KeyFile != "" {
		ref.KeyFile = absolute(a.path(ref.KeyFile))
	}
	args = append(args, a.typedStore(ref)...)
	for _, path := range o.redact {
		args = append(args, "--redact", path)
	}
	if o.MaxRows != mcp.DefaultRows {
		args = append(args, "--max-rows", strconv.Itoa(o.MaxRows))
	}
	if o.Timeout != mcp.DefaultTimeout {
		args = append(args, "--timeout", o.Timeout.String())
	}
	if o.TextOnly {
		args = append(args, "--text")
	}
	proj, err := a.project()
	if err != nil || proj == nil {
		return args, err
	}
	if i := slices.Index(args, "--config"); i >= 0 {
		args[i+1] = absolute(a.path(a.config))
		return args, nil
	}
	return append(args, "--config", absolute(proj.Path)), nil
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
