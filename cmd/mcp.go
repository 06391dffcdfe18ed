package cmd

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"asof/cmd/mcp"
	"asof/replay"
)

type mcpOptions struct {
	mcp.Options
	redact    []string
	http      string // where it listens; empty: standard input and output
	tokenFile string
	client    string // whose configuration is printed
	skill     bool
}

// newMCPCmd returns the mcp command. A nil runF serves.
func newMCPCmd(a *app, runF func(mcpOptions) error) *cobra.Command {
	var o mcpOptions
	var f storeFlags
	if runF == nil {
		runF = a.runMCP
	}
	c := &cobra.Command{
		Use:   "mcp [STORE…]",
		Short: "Serve stores to AI agents (MCP)",
		Long: `Serve stores to an AI agent over the Model Context Protocol, on standard input
and output. Without a STORE, serve all stores of asof.toml. The agent cannot
name other stores, files or commands, and nothing is written.
--print-config prints what a client needs to start the server.

Its tools are describe_store, find_streams, read_events, state_at, diff_states,
find_change, blame, check, trace and query. A reply has at most --max-rows
rows and about 25 kB, and the exact call that gives the rest. What a store holds
appears only under "data", which the agent is told not to obey.

--redact withholds a value from every event before it is folded, so no state has
it and no condition can test it.

--http serves over HTTP instead, only on this machine, to clients that have the
token of --token-file. --skill prints a skill file for agents that have a shell:
how to use the command line.` + exits("5    the projection or an upcaster failed"),
		Example: `  asof mcp shop.db
  asof mcp shop.db billing.db --max-rows 50 --timeout 30s
  asof mcp --print-config claude shop.db
  asof mcp --http 127.0.0.1:0 --token-file token shop.db
  asof mcp shop.db --redact '/data/**/email' --redact /metadata/ip`,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				o.Stores = append(o.Stores, mcp.Store{Ref: f.of(name), Args: append([]string{name}, a.typedStore(f.StoreRef)...)})
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.IntVar(&o.MaxRows, "max-rows", mcp.DefaultRows, "give at most this many rows in a reply")
	fl.DurationVar(&o.Timeout, "timeout", mcp.DefaultTimeout, "end a call that takes longer")
	fl.StringArrayVar(&o.redact, "redact", nil, "withhold the value at this path of every event, such as '/data/email'")
	fl.StringVar(&o.http, "http", "", "serve over HTTP on this machine, at HOST:PORT such as 127.0.0.1:8125")
	fl.StringVar(&o.tokenFile, "token-file", "", "file with the token of requests over HTTP; written if it does not exist")
	fl.StringVar(&o.client, "print-config", "", "print what a client needs to start this server: claude, cursor or vscode")
	fl.BoolVar(&o.skill, "skill", false, "print the skill file for agents that use the shell")
	fl.BoolVar(&o.TextOnly, "text", false, "put the whole reply into its text, for clients that show the model nothing else")
	return c
}

func (a *app) runMCP(o mcpOptions) error {
	switch {
	case a.json:
		return usagef("leave out --json", "--json does not apply: messages have the form of the protocol")
	case o.MaxRows < 1:
		return usagef("write how many rows, such as 100", "bad --max-rows %d", o.MaxRows)
	case o.Timeout < time.Second:
		return usagef("write a duration such as 30s", "bad --timeout %v", o.Timeout)
	case o.tokenFile != "" && o.http == "":
		return usagef("give --http, too", "--token-file is for a server over HTTP")
	case o.skill:
		_, err := io.WriteString(a.Out, mcp.Skill)
		return err
	case o.client != "":
		return a.printMCPConfig(o.client, o)
	}
	withhold, err := redaction(o.redact)
	if err != nil {
		return err
	}
	w := a.served(true, withhold)
	defer w.Close()
	if o.Stores, err = a.storesToServe(w, o.Stores); err != nil {
		return err
	}
	trial := w.Begin(nil)
	var infos []replay.Info
	for i := range o.Stores { // a store that is not there is found now, and not by an agent
		s, err := trial.Store(a.ctx, o.Stores[i].Ref)
		if err != nil {
			return err
		}
		o.Stores[i].Path = s.Info().Path
		infos = append(infos, s.Info())
		if err := s.Close(); err != nil {
			return err
		}
	}
	if err := checkRedacted(o.redact, infos); err != nil {
		return err
	}
	if o.Unfound, err = a.noteUnfound(trial, o.Stores, withhold); err != nil {
		return err
	}
	o.Release, o.Withheld, o.Pulse = version(), o.redact, a.Pulse
	server := mcp.New(w, o.Options)
	if o.http != "" {
		if err := a.noneOf(trial.Inputs(), o.tokenFile); err != nil {
			return err
		}
		return a.serveHTTP(server, o.http, o.tokenFile)
	}
	err = server.Serve(a.ctx, a.In, a.Out)
	if errors.Is(err, context.Canceled) {
		return nil // it was told to stop
	}
	return err
}
