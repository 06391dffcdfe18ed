package cmd

import (
	"reflect"
	"testing"

	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/replay/workspace"
)

func TestAuditParses(t *testing.T) {
	shop := workspace.StoreRef{Store: "shop.db"}
	export := ask.Export{Excerpt: ask.Excerpt{StoreRef: shop}, Out: "q1", States: audit.StatesEnds}
	export.Command = []string{"asof", "audit", "export", "shop.db", "--states", "ends"}
	redacted := export
	redacted.Streams, redacted.Redact, redacted.Basis, redacted.By, redacted.Key = []string{"order-*", "cart-1"}, []string{"/data/email"}, "gdpr17", "dpo", "a.key"
	redacted.States, redacted.Fold, redacted.From = audit.StatesEach, "cart.js", "2026-01-01"
	redacted.Command = []string{
		"asof", "audit", "export", "shop.db", "--stream", "order-*", "--stream", "cart-1", "--from", "2026-01-01", "--states", "each",
		"--redact", "/data/email", "--basis", "gdpr17", "--by", "dpo", "--fold", "cart.js",
	}
	plain := export
	plain.Out = ""
	for _, tt := range []struct {
		args []string
		want auditExportOptions
	}{
		{[]string{"shop.db", "--out", "q1"}, auditExportOptions{Export: export}},
		{[]string{"shop.db", "-o", "csv"}, auditExportOptions{Export: plain, format: "csv"}},
		{
			[]string{
				"shop.db", "--stream", "order-*,cart-1", "--from", "2026-01-01", "--redact", "/data/email", "--basis", "gdpr17", "--by", "dpo",
				"--states", "each", "--fold", "cart.js", "--key", "a.key", "--out", "q1",
			},
			auditExportOptions{Export: redacted},
		},
	} {
		if got, err := parsed(t, newAuditExportCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	if _, err := parsed(t, newAuditExportCmd, "shop.db", "--states", ""); exitCode(err) != exitUsage {
		t.Errorf("no states end with %v", err)
	}

	verify, err := parsed(t, newAuditVerifyCmd, "q1", "--vkey", "a.key.pub", "--since", "q0/checkpoint")
	if want := (ask.Verify{Path: "q1", VKey: "a.key.pub", Since: "q0/checkpoint"}); err != nil || verify != want {
		t.Errorf("verify is %+v: %v", verify, err)
	}
	prove, err := parsed(t, newAuditProveCmd, "q1", "order-7@3", "--out", "o.proof")
	if want := (auditProveOptions{Prove: ask.Prove{Folder: "q1", Event: "order-7@3"}, out: "o.proof"}); err != nil || prove != want {
		t.Errorf("prove is %+v: %v", prove, err)
	}
	sample, err := parsed(t, newAuditSampleCmd, "q1", "--seed", "case 4711")
	if want := (ask.Sample{Folder: "q1", N: 25, Seed: "case 4711"}); err != nil || sample != want {
		t.Errorf("sample is %+v: %v", sample, err)
	}
	seal, err := parsed(t, newAuditSealCmd, "shop.db", "--log", "seals", "--key", "a.key", "--witness", "w")
	if want := (ask.Seal{StoreRef: shop, Log: "seals", Key: "a.key", Witness: "w"}); err != nil || !reflect.DeepEqual(seal, want) {
		t.Errorf("seal is %+v: %v", seal, err)
	}
}
