package cli

// examples are shown below the help of a command; those of "" below the help of the
// program.
var examples = map[string][]string{
	"": {
		"snapferry demo", "show what it does, on a simulated cloud",
		"snapferry check", "test the settings and the credentials",
		"snapferry copy --dry-run", "show what would be copied",
	},
	"demo": {
		"snapferry demo", "with pauses between the steps",
		"snapferry demo --fast", "without pauses",
	},
	"copy": {
		"snapferry copy --dry-run", "what would be copied, and why",
		"snapferry copy", "request the copies that are missing",
		"snapferry copy --snapshot snap-ckgjwkqh --to ap-chengdu", "one snapshot, to one more region",
		"snapferry copy --json | jq .counts", "for programs",
	},
	"plan": {
		"snapferry plan", "what copy and retain would do",
		"snapferry plan --keep-daily 14 --keep-monthly 12", "with other keep rules, before they are set",
		"snapferry plan --from ap-guangzhou --to ap-beijing", "for two regions",
		"snapferry plan --json | jq '.actions[] | select(.outcome == \"would-delete\")'", "for programs",
	},
	"status": {
		"snapferry status", "how far every disk is protected",
		"snapferry status --csv disks.csv --html status.html", "for a spreadsheet, and the page",
		"snapferry status --rpo 24h", "against another RPO",
	},
	"retain": {
		"snapferry retain --dry-run --keep-daily 14", "what would be deleted with this rule",
		"snapferry retain", "delete the replicas that no keep rule keeps",
	},
	"verify": {
		"snapferry verify", "compare all replicas with their sources, and tag the proven ones",
		"snapferry verify --snapshot snap-ckgjwkqh", "the replicas of one snapshot",
		"snapferry verify --dry-run", "compare, but tag nothing",
	},
	"drill": {
		"snapferry drill --dry-run", "whose turn it is",
		"snapferry drill", "restore DRILL_COUNT replicas, tag them, and remove the disks again",
	},
	"restore": {
		"snapferry restore --from ap-guangzhou --to ap-beijing", "show what comes back, from when, and ask",
		`snapferry restore --from ap-guangzhou --to ap-beijing --at "2026-11-23 21:00" --disk disk-omp7wl2m`, "one disk, as it was then",
		"snapferry restore --from ap-guangzhou --to ap-beijing --write terraform", "as configuration, and make nothing",
	},
	"check": {
		"snapferry check --source ap-guangzhou --target ap-beijing", "the settings that are always needed",
	},
	"invoke": {
		"snapferry invoke testdata/events/timer_word.json", "a timer's event; testdata/events has one of each kind",
		"snapferry invoke event.json", "an event saved from the platform's log",
		`echo '{"job":"copy","dryRun":true}' | snapferry invoke -`, "an operator's request",
	},
	"subscribe": {
		"snapferry subscribe --dry-run", "what would be made or changed",
		"snapferry subscribe", "send events to function snapshot-copy; running it again changes nothing",
		"snapferry subscribe --remove", "remove the rule",
	},
	"policy": {
		"snapferry policy copy", "the permissions of the job copy, for the role of its function",
		"snapferry policy copy verify retain drill status", "for one role that all functions share",
		"SHARE_ACCOUNTS=100000000002 snapferry policy retain", "with the settings that the function has",
		"snapferry policy copy --trust", "the trust of that role",
	},
	"simulate": {
		"snapferry simulate", "on 127.0.0.1:9000",
		"snapferry simulate --listen 127.0.0.1:0 --faults 0.1 --seed 7", "on any free port; one request in ten fails",
	},
	"completion": {
		"source <(snapferry completion bash)", "in ~/.bashrc",
		"source <(snapferry completion zsh)", "in ~/.zshrc",
		"snapferry completion fish | source", "in ~/.config/fish/config.fish",
	},
	"version": {"snapferry version", "as an issue should name it"},
}
