package cmd

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/query"
)

// beginsSQL reports whether a word begins a statement, in any dialect.
func beginsSQL(word string) bool {
	first := strings.TrimLeft(word, " \t\n(")
	if end := strings.IndexFunc(first, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		first = first[:end]
	}
	switch strings.ToLower(first) {
	case "select", "with", "values", "explain", "pragma", "show", "describe", "desc", "insert", "update", "delete", "create", "drop":
		return true
	}
	return strings.HasPrefix(word, ".t") || strings.HasPrefix(word, ".s") || strings.HasPrefix(word, `\d`) ||
		strings.HasPrefix(word, "--") && strings.Contains(word, "\n") || strings.Contains(strings.ToLower(word), "select ")
}

// mendQuery puts the words of query in their places, where that is certain, and reports
// whether it moved any. Without a store, SQL alone asks the only one of asof.toml.
func (a *app) mendQuery(c *cobra.Command, words []string) (mended []string, moved bool, err error) {
	isSQL := func(i int) bool { return i < len(words) && beginsSQL(words[i]) && !a.isStore(words[i]) }
	switch {
	case len(words) == 2 && isSQL(0) && a.isStore(words[1]):
		return []string{words[1], words[0]}, true, nil
	case isSQL(0):
		store := a.onlyStore()
		if store == "" {
			return words, false, a.noQueryStore(c, words)
		}
		words, moved = slices.Insert(slices.Clone(words), 0, store), true
	}
	if tables, _ := c.Flags().GetBool("tables"); tables || c.Flags().Changed("file") {
		return words, moved, a.needlessSQL(c, words)
	}
	switch {
	case len(words) == 1 && a.talks():
		return words, moved, nil
	case len(words) == 1:
		return words, moved, usagef(choices("list the tables, or write a SELECT:",
			shownLine("query", words, []string{"--tables"}), shownLine("query", []string{words[0], "SELECT * FROM events LIMIT 10"}, nil)), "SQL is missing")
	case len(words) > 2 && isSQL(1):
		one := []string{words[0], strings.Join(a.unexpanded(words[1:]), " ")}
		return words, moved, usagef(choices("write the SQL in quotes:", wholeLine(c, one)), "the SQL is %d words", len(words)-1)
	}
	return words, moved, nil
}

// needlessSQL refuses SQL next to a flag that takes its place.
func (a *app) needlessSQL(c *cobra.Command, words []string) error {
	if len(words) < 2 || !beginsSQL(words[1]) {
		return nil
	}
	what := "--tables"
	if c.Flags().Changed("file") {
		what = "--file"
	}
	return usagef(choices("give one of them:", shownLine("query", words[:2], nil), wholeLine(c, words[:1])), "both %s and SQL", what)
}

// unexpanded puts the * back that a shell made the names of files.
func (a *app) unexpanded(words []string) []string {
	from := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, "from") })
	if from < 2 {
		return words
	}
	for _, w := range words[1:from] {
		if !a.isStore(w) {
			return words
		}
	}
	return slices.Concat(words[:1], []string{"*"}, words[from:])
}

// noQueryStore answers SQL without a store.
func (a *app) noQueryStore(c *cobra.Command, words []string) error {
	err := a.noStore(c, usagef("", "STORE is missing"))
	var wrong *usageError
	if !errors.As(err, &wrong) || len(words) != 1 {
		return err
	}
	if here := a.storesHere(); len(here) > 0 {
		wrong.next = choices("name a store:", wholeLine(c, []string{here[0], words[0]}))
	}
	return wrong
}

// schemaAsked answers SQL that lists the tables of another program.
func (a *app) schemaAsked(o queryOptions, err error) error {
	var asked *query.SchemaError
	if !errors.As(err, &asked) {
		return err
	}
	return usagef(choices("list the tables with their columns:", shownLine("query", []string{o.Store}, append([]string{"--tables"}, a.typedStore(o.StoreRef)...))), "%s", asked.Error())
}

// checkForm refuses forms of output that exclude each other.
func (a *app) checkForm(o queryOptions) error {
	form := render.RowForm(o.form)
	_, onTerminal := a.Terminal(a.Out)
	switch {
	case o.form != "" && !slices.Contains(render.RowForms, form):
		return usagef("write table, csv, json, ndjson, md or parquet", "bad --output %q", o.form)
	case o.tables && o.form != "":
		return usagef("leave one of them out", "--tables prints no rows, and has no --output")
	case o.tables && o.Limit != 0:
		return usagef("leave one of them out", "--tables lists every table, and has no --limit")
	case (o.tables || o.explain) && o.Cursor != "":
		return usagef("leave it out", "--cursor continues a list of rows")
	case o.tables && o.SQLFile != "":
		return usagef("leave one of them out", "both --tables and --file")
	case o.tables && o.explain:
		return usagef("leave one of them out", "both --tables and --explain")
	case o.explain && o.form != "":
		return usagef("leave one of them out", "--explain prints no rows, and has no --output")
	case form == render.RowParquet && onTerminal:
		return usagef("write it to a file with > rows.parquet", "a Parquet file is not for a terminal")
	case a.json && o.form != "":
		return usagef("give one of them", "both --json and --output")
	}
	return nil
}
