package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/replay"
	"asof/replay/workspace"
)

// Words that are missing, or that another verb takes, are answered with lines to type.

// mostOffered bounds the lines that an error offers.
const mostOffered = 3

// noStore adds to the error of a line without a store those that it could be about: the
// stores of asof.toml, or else the files here.
func (a *app) noStore(c *cobra.Command, err error) error {
	var wrong *usageError
	if !errors.As(err, &wrong) {
		return err
	}
	var stores []string
	if proj, projErr := a.project(); projErr == nil && proj != nil && c.Name() != "init" {
		for _, s := range proj.Stores {
			stores = append(stores, s.Name)
		}
	}
	text := "name a store of asof.toml:"
	if len(stores) == 0 {
		stores, text = a.storesHere(), "name a store:"
	}
	var lines []string
	for _, name := range stores[:min(len(stores), mostOffered)] {
		words, verb := []string{name}, c.Name()
		if strings.Contains(c.Use, "STREAM") {
			verb, text = "streams", strings.TrimSuffix(text, ":")+" and a stream; this lists its streams:"
		}
		lines = append(lines, shownLine(verb, words, nil))
	}
	if len(lines) == 0 {
		text, lines = "name a file, a connection string or -; or write a store to try:", []string{"asof demo"}
	}
	wrong.next = choices(text, lines...)
	return wrong
}

// storesHere are the files of the folder that are named as stores are.
func (a *app) storesHere() (names []string) {
	files, err := os.ReadDir(a.path("."))
	if err != nil {
		return nil
	}
	for _, f := range files {
		switch strings.ToLower(filepath.Ext(f.Name())) {
		case ".db", ".sqlite", ".sqlite3", ".ndjson", ".jsonl":
			names = append(names, f.Name())
		}
	}
	return names
}

// noStream answers a line with a store and without the stream that the verb needs. It
// returns nil if none is missing.
func (a *app) noStream(c *cobra.Command, words []string) error {
	all, _ := c.Flags().GetBool("all")
	if all || len(words) != 1 || !a.isStore(words[0]) || strings.Contains(c.Use, "[STREAM") {
		return nil
	}
	s, err := a.work().Store(a.ctx, workspace.StoreRef{Store: words[0]})
	if err != nil {
		return nil // which the verb reports
	}
	defer s.Close() //nolint:errcheck // only read
	lines, text := []string{shownLine("streams", words, nil)}, "name a stream:"
	for one, err := range s.Reader.Streams(a.ctx, replay.StreamQuery{Limit: 1, IDsOnly: true}) {
		if err != nil {
			return nil
		}
		text = "name a stream, such as " + render.Safe(string(one.ID)) + ":"
		line := wholeLine(c, []string{words[0], string(one.ID)})
		if strings.HasSuffix(c.Use, "PATH") {
			text = "name a stream and a path; these list the paths of one and the streams:"
			line = shownLine("blame", []string{words[0], string(one.ID)}, nil)
		}
		lines = slices.Insert(lines, 0, line)
	}
	if c.Name() == "log" {
		lines = append(lines, shownLine("log", words, []string{"--all"}))
	}
	return usagef(choices(text, lines...), "STREAM is missing")
}

// noPath answers a line of why that lacks only the path.
func (a *app) noPath(c *cobra.Command, words []string) error {
	if c.Name() != "why" || len(words) != 2 || !a.isStore(words[0]) {
		return nil
	}
	return usagef(choices("name a path; this lists those of the state:", shownLine("blame", words, nil)), "PATH is missing")
}

// tooMany answers a stream that check is given, which tests all of them.
func (a *app) tooMany(c *cobra.Command, words []string, err error) error {
	i := slices.Index(a.typed, c.Name())
	if c.Name() != "check" || err == nil || len(words) != 2 || i < 0 || !a.isStream(words[0], words[1]) {
		return err
	}
	lines := []string{shownLine("check", words[:1], nil), shownLine("bisect", words, []string{"--bad", "state.total < 0"})}
	if c.Flags().Changed("bad") || c.Flags().Changed("good") {
		line := slices.Clone(a.typed)
		line[i] = "bisect"
		lines = []string{"asof " + commandLine(line)}
	}
	return usagef(choices("it tests every stream; bisect searches one:", lines...), "check takes no stream")
}

// byInvariant answers check --invariant NAME.
func (a *app) byInvariant(c *cobra.Command, name string) error {
	i := slices.Index(a.typed, "--invariant")
	if name != "invariant" || c.Name() != "check" || i < 0 || i+1 >= len(a.typed) || strings.ContainsAny(a.typed[i+1], "<>=!.&|()") {
		return nil
	}
	line := slices.Delete(slices.Clone(a.typed), i, i+2)
	return usagef(choices("it tests every invariant of asof.toml:", "asof "+commandLine(line)), "check has no --invariant")
}
