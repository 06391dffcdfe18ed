package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/inspect/markup"
	"asof/replay"
	"asof/replay/state"
)

// writeReports writes the files about the events: streams, report, coverage,
// anomalies, checkpoint, public key and README.txt.
func (x *Export) writeReports(ctx context.Context, b *bundle, s *survey, projections []*projectionUse, checkpoint []byte) error {
	streams, err := b.file(fileStreams)
	if err != nil {
		return err
	}
	defer streams.to.Close()
	if err := s.streamsJSON(streams.write); err != nil {
		return err
	}
	if err := streams.close(); err != nil {
		return err
	}
	for _, v := range s.survivors() {
		s.anomalies.add(anomalyErased, v.Path, "a value erased elsewhere appears here, in "+replay.Counted(v.Events, "event", "events"))
	}
	report, err := x.report(ctx, s, projections)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		v    state.Value
	}{{fileReport, report}, {fileCoverage, s.coverage.json()}, {fileAnomalies, s.anomalies.json()}} {
		if err := b.putJSON(p.name, p.v); err != nil {
			return err
		}
	}
	public, err := PublicText(x.Key.vkey)
	if err != nil {
		return err
	}
	if err := b.put(fileCheckpoint, checkpoint); err != nil {
		return err
	}
	if err := b.put(filePublic, public); err != nil {
		return err
	}
	return b.put(fileReadme, []byte(readme(s, x, projections)))
}

// report returns report.json: the source of the export and its contents.
func (x *Export) report(ctx context.Context, s *survey, projections []*projectionUse) (state.Value, error) {
	info := x.Reader.Info()
	root, err := s.tree.root()
	if err != nil {
		return state.Value{}, err
	}
	after := state.NullValue()
	if x.Recount != nil {
		c, err := x.Recount(ctx)
		if err != nil {
			return state.Value{}, err
		}
		after = object("rows", c.Events, "highest_position", c.Highest)
	}
	counts := state.NewObject()
	for _, why := range []string{reasonStream, reasonBefore, reasonAfter} {
		counts.Set(why, integer(s.leftOut[why]))
	}
	versions := state.NewObject()
	for _, v := range x.About.Versions {
		versions.Set(v[0], state.StringValue(v[1]))
	}
	return object(
		"format", Format,
		"source", object(
			"store", x.About.Store, "dialect", info.Dialect, "commitment", orNull(x.sourceCommitment()),
			"left_out", info.LeftOut, "lacks", info.Lacks,
		),
		"before", object("rows", s.size, "highest_position", s.highest),
		"after", after,
		"command", x.About.Command,
		"filters", object(
			"streams", x.Select.Patterns, "categories", x.Select.Categories, "from", x.Select.From, "to", x.Select.To,
		),
		"time_zone", x.About.Zone,
		"date", x.About.Date,
		"versions", versions.Value(),
		"verifier_key", x.Key.vkey,
		"checkpoint", object("origin", x.Key.Name(), "size", s.size, "root", hexOf(root)),
		"counts", object(
			"store", s.size, "exported", s.exported, "left_out", counts.Value(),
			"events_with_fields_withheld", s.redacted, "fields_withheld", s.withheld,
			"payloads_decoded", s.decoded,
		),
		"control_totals", totalsJSON(s.totals),
		"states", object("mode", string(x.States), "projections", projectionsJSON(projections), "not_for", othersJSON(projections)),
		"redaction", redactionJSON(x.Redact),
		"newest_event", s.last,
	), nil
}

// sourceCommitment returns a commitment to the store's file. A plain SHA-256 or the
// length would let anybody test guesses of withheld values. The salt stays with the
// owner, who gets the same commitment for the same file.
func (x *Export) sourceCommitment() string {
	if x.About.SHA256 == "" {
		return ""
	}
	mac := hmac.New(sha256.New, x.Key.salts)
	_, _ = fmt.Fprintf(mac, "asof-source/1\n%s\n%d", x.About.SHA256, x.About.Bytes)
	return hex.EncodeToString(mac.Sum(nil))
}

func projectionsJSON(all []*projectionUse) state.Value {
	n := state.NewArray()
	for _, p := range all {
		unhandled := state.NewObject()
		for _, t := range slices.Sorted(maps.Keys(p.unhandled)) {
			unhandled.Set(t, integer(p.unhandled[t]))
		}
		n.Append(object("name", p.name, "sha256", orNull(p.sha256), "streams", p.streams, "unhandled", unhandled.Value()))
	}
	return n.Value()
}

// othersJSON lists the projections of streams that they are not made for.
func othersJSON(all []*projectionUse) state.Value {
	n := state.NewArray()
	for _, p := range all {
		for _, f := range slices.Sorted(maps.Keys(p.others)) {
			n.Append(object("projection", p.name, "for", f, "streams", p.others[f]))
		}
	}
	return n.Value()
}

func redactionJSON(r *Redaction) state.Value {
	if r.none() {
		return state.NullValue()
	}
	return object("paths", r.texts, "basis", orNull(r.Basis), "by", orNull(r.By))
}

// readmeHead returns the start of README.txt, which verify checks.
func readmeHead(exported, size int64, origin string) string {
	return "AUDIT EXPORT\n\n" + replay.Counted(exported, "event", "events") + " of the " + replay.Counted(size, "event", "events") + " of a store, sealed as " + origin + ".\n\n"
}

// readme returns README.txt, which tells an auditor what the bundle contains and how
// to check it without asof.
func readme(s *survey, x *Export, projections []*projectionUse) string {
	var b strings.Builder
	p := func(lines ...string) {
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	b.WriteString(readmeHead(s.exported, s.size, x.Key.Name()))
	p("Check it with sha256sum and openssl alone, in this folder:", "",
		"1. Check that the key is the one you received through another channel. Its first",
		"   line must be the verifier key you know:", "",
		"     head -n 1 key.pub", "",
		"2. Check that the manifest was signed by that key:", "",
		"     openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in manifest.json -sigfile manifest.sig", "",
		"3. Check that the manifest covers the list of files, and that every file is",
		"   intact. The first command prints 1, the second OK for each file:", "",
		`     grep -c "$(sha256sum SHA256SUMS | cut -c 1-64)" manifest.json`,
		"     sha256sum --check --strict SHA256SUMS", "",
		"4. Check one event, here the first. Its stored payload (stored.ndjson) is",
		"   committed to in its record (leaves.ndjson), and the hash of that record is a",
		"   line of tree.txt: line 1 for leaf 0, and so on. In bash:", "",
		`     record=$(head -n 1 leaves.ndjson | sed 's/.*"record":"\(asof-leaf.*fields [0-9a-f]*\).*/\1/')`,
		`     printf "\0${record//%/%%}\n" | sha256sum`, "",
		"To verify that the events are complete, in order, and those of the checkpoint:", "",
		"     asof audit verify . --vkey 'NAME+HASH+KEY'", "",
		"To verify that this export continues that of last quarter:", "",
		"     asof audit verify . --since ../LAST/checkpoint --vkey 'NAME+HASH+KEY'", "",
		"CONTENTS", "")
	for _, f := range contents {
		if f.name == fileRedactions && x.Redact.none() || strings.HasPrefix(f.name, "states/") && x.States == StatesNone {
			continue
		}
		p("  " + f.name + strings.Repeat(" ", 24-len(f.name)) + f.what)
	}
	p(projectionLines(projections)...)
	p("", "WHAT IT PROVES", "",
		"  These events are complete, in order and unchanged since the first",
		"  checkpoint of this store that was kept out of its owner's reach. It does not",
		"  prove that they were true when written, or that the withheld values were what",
		"  the owner says. streams.json states the length of every stream. The lengths",
		"  add up to the size of the checkpoint, so every omitted event is accounted for.")
	if s.decoded > 0 {
		p("", "  The payloads of "+replay.Counted(s.decoded, "event", "events")+" are stored packed, wrapped or encrypted. The",
			"  stored bytes are committed to, and so are the fields asof read from them;",
			"  verify does not check that the two agree.")
	}
	if x.Reader.Info().Has("positions") {
		return b.String()
	}
	p("", "  This store has no order over all events. The leaves are in the order of",
		"  streams, so no later export can continue this one.")
	return b.String()
}

// projectionLines names the projections of a bundle in README.txt.
func projectionLines(all []*projectionUse) (lines []string) {
	for i, u := range all {
		if i == 0 {
			lines = append(lines, "", "  The states come from", "")
		}
		lines = append(lines, "    "+markup.Visible(u.name)+", in "+replay.Counted(u.streams, "stream", "streams"))
		for _, f := range slices.Sorted(maps.Keys(u.others)) {
			lines = append(lines, "      of which "+replay.Counted(u.others[f], "stream", "streams")+" it is not made for: it is for "+markup.Visible(f))
		}
	}
	return lines
}

// contents describes the files of a bundle in README.txt.
var contents = []struct{ name, what string }{
	{fileEvents, "the events, as CloudEvents 1.0"},
	{fileStored, "the payload and metadata of each, byte for byte as stored"},
	{fileLeaves, "the record of each event in the tree, and the salts of its commitments"},
	{fileOutline, "the records of events outside the period, if versions are out of order"},
	{fileTree, "the hash of every event of the store, exported or not, in order"},
	{fileStreams, "every stream: its length, its head, and which part is exported"},
	{fileChanges, "what each event changed in the state"},
	{fileEnds, "the state of each stream before and after the exported events"},
	{fileReport, "source, parameters, counts, control totals"},
	{fileCoverage, "who, what, when, outcome, where from: how many events record it"},
	{fileAnomalies, "gaps, duplicates, times that run backwards, unreadable payloads"},
	{fileRedactions, "what was withheld, why, and by whom"},
	{fileCheckpoint, "the size and root of the tree, signed (C2SP tlog-checkpoint)"},
	{filePublic, "the public key, as a verifier key and as PEM"},
	{fileSums, "the SHA-256 of each file above"},
	{fileManifest, "the same with sizes, and the sums file itself"},
	{fileSignature, "the Ed25519 signature over manifest.json"},
}

// Highest returns the number of events of a store and its highest position.
func Highest(ctx context.Context, r replay.Reader) (Counted, error) {
	c := Counted{Highest: replay.NoPosition}
	sum, err := r.Summary(ctx)
	if err != nil {
		return c, err
	}
	c.Events = sum.Events
	if !r.Info().Has("positions") {
		return c, nil
	}
	for e, err := range r.Events(ctx, replay.Query{Reverse: true, Limit: 1, Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData}) {
		if err != nil {
			return c, err
		}
		c.Highest = e.Position
	}
	return c, nil
}
