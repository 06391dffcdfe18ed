package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"asof/replay/fault"
)

// Verbs and flags of other tools, with those of asof that do the same.

var otherVerbs = map[string]string{
	"ls": "streams", "list": "streams", "aggregates": "streams", "entities": "streams",
	"cat": "replay", "get": "replay", "state": "replay", "fold": "replay", "checkout": "replay", "rebuild": "replay", "at": "replay",
	"history": "log", "events": "log", "tail": "log", "reflog": "log", "grep": "log", "shortlog": "log", "whatchanged": "log",
	"status": "info", "stat": "info", "stats": "info", "schema": "info", "describe": "info", "tables": "info", "inspect": "info",
	"annotate": "blame", "praise": "blame", "who": "blame",
	"sql": "query", "select": "query", "ask": "query", "psql": "query",
	"find": "bisect", "culprit": "bisect", "search": "bisect",
	"test": "check", "validate": "check", "assert": "check", "lint": "check", "verify": "check", "fsck": "check",
	"compare": "diff", "cmp": "diff", "changes": "diff", "difftool": "diff",
	"new": "init", "create": "init", "setup": "init", "configure": "init",
	"tour": "demo", "example": "demo", "tutorial": "demo", "quickstart": "demo",
	"minimize": "shrink", "reduce": "shrink", "simulate": "whatif", "drop": "whatif", "without": "whatif",
	"cause": "trace", "provenance": "why", "lineage": "why", "explain": "why", "event": "show", "version": "--version",
}

var otherFlags = map[string][]string{
	"after": {"since"}, "start": {"since", "from"}, "before": {"until"}, "end": {"until", "to"}, "from": {"since"}, "to": {"until"},
	"max-count": {"limit"}, "number": {"limit"}, "lines": {"limit"}, "count": {"limit"}, "head": {"limit"}, "top": {"limit"}, "max": {"limit"},
	"version": {"at"}, "rev": {"at"}, "revision": {"at"}, "point": {"at"}, "time": {"at"}, "date": {"at"}, "when": {"at"}, "on": {"at"},
	"reducer": {"fold"}, "projector": {"fold"}, "script": {"fold"}, "js": {"fold"},
	"filter": {"where"}, "expr": {"where", "bad"}, "condition": {"bad"}, "predicate": {"bad"}, "if": {"bad"}, "test": {"bad"},
	"invariant": {"good"}, "assert": {"good"}, "cmd": {"run"}, "exec": {"run"}, "command": {"run"},
	"exclude": {"drop"}, "skip": {"drop"}, "without": {"drop"}, "remove": {"drop"}, "delete": {"drop"},
	"desc": {"reverse"}, "descending": {"reverse"}, "diff": {"patch"}, "changes": {"patch"}, "event-type": {"type"},
	"field": {"path"}, "key": {"path"}, "property": {"path"}, "timezone": {"tz"}, "zone": {"tz"}, "order": {"sort"}, "order-by": {"sort"},
}

// needless are flags of other tools whose effect asof has anyway.
var needless = map[string]string{
	"oneline": "the log already has one line per event", "graph": "a stream has no branches",
	"readonly": "asof never writes to a store", "read-only": "asof never writes to a store", "immutable": "asof never writes to a store",
	"dry-run": "asof never writes to a store", "stat": "a diff already lists the paths", "name-only": "a diff already lists the paths",
}

// otherFlag returns the remedy for a flag of another tool, given with or without a value.
func otherFlag(c *cobra.Command, name string, typed []string) (r fault.Remedy, ok bool) {
	if why := needless[name]; why != "" {
		return fault.Try(why).Without(name).Anew(), true
	}
	if name == "no-color" || name == "no-colour" {
		return fault.Remedy{For: "--" + name, Near: []string{"--color=never"}}, true
	}
	if name == "format" || name == "output" || name == "pretty" {
		for _, form := range []string{"=json", " json", "=JSON", " JSON"} {
			if strings.Contains(strings.Join(typed, " ")+" ", "--"+name+form+" ") {
				return fault.Remedy{For: "--" + name + form, Near: []string{"--json"}}, true
			}
		}
	}
	if name == "path" && strings.Contains(c.Use, "PATH") { // an argument of this verb
		for i, w := range typed {
			if value, ok := strings.CutPrefix(w, "--path="); ok {
				return fault.Remedy{For: w, Near: []string{value}}, true
			}
			if w == "--path" && i+1 < len(typed) {
				return fault.Remedy{For: w + " " + typed[i+1], Near: []string{typed[i+1]}}, true
			}
		}
	}
	for _, same := range otherFlags[name] {
		if c.Flags().Lookup(same) != nil || c.InheritedFlags().Lookup(same) != nil {
			return fault.Remedy{For: "--" + name, Near: []string{"--" + same}}, true
		}
	}
	return r, false
}
