#!/usr/bin/env bash
# An error that shows at times: reproduced, its commit found, fixed, and the fix proven, in repositories of its own.
# Called by `make demo-bisect`.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PAGER=cat TMPDIR=$work
git config --file "$GIT_CONFIG_GLOBAL" user.name "Ana Reyes"
git config --file "$GIT_CONFIG_GLOBAL" user.email "ana@billing.example"
git config --file "$GIT_CONFIG_GLOBAL" init.defaultBranch main
export ISSUELOG_PRODUCT_REPO=$work/billing STATE=$work/next-worker

title() { printf '\n\033[1m── %s\033[0m\n' "$*"; }
# Print a command as one would type it, then run it.
run() {
    local word line='$'
    for word in "$@"; do
        case $word in
        *[![:alnum:]@%+=:,./_-]*) line+=" \"$word\"" ;;
        *) line+=" $word" ;;
        esac
    done
    printf '\n%s\n' "$line"
    "$@"
}
product() { git -C "$ISSUELOG_PRODUCT_REPO" "$@"; }
commit() {
    product add --all
    product -c user.name="$1" -c user.email="$2" commit --quiet --message "$3"
}

# --- the product: an export that hands each request to the next of its workers ---
git init --quiet "$ISSUELOG_PRODUCT_REPO"
cd "$ISSUELOG_PRODUCT_REPO"
mkdir workers
for worker in 0 1; do echo 'echo "id;amount"; echo "1;9.90"' >workers/$worker; done
cat >export <<'END'
# Hands the request to the next worker in turn.
turn=$(cat "$STATE" 2>/dev/null || echo 0)
echo $((turn + 1)) >"$STATE"
worker=$((turn % 2))
echo "request $turn: worker $worker"
sh workers/$worker || { echo "EXPORT-507: worker $worker terminated"; exit 1; }
END
commit "Ana Reyes" ana@billing.example "Add the export"
product tag v8.8
echo "Exports as CSV." >README
commit "Jo Miller" jo@billing.example "Say what it does"
echo 'echo "id;amount;tax"; echo "1;9.90;19 %"' | tee workers/0 >workers/1
commit "Ana Reyes" ana@billing.example "Export the tax"
echo "The tax is in the third column." >>README
commit "Jo Miller" jo@billing.example "Say where the tax is"
product tag v8.9
echo 'ulimit -v 1 && cat ledger' >workers/1
commit "Kim Sato" kim@billing.example "Limit the memory of the second worker"
guilty=$(product rev-parse HEAD)
for page in install upgrade faq; do
    echo "How to $page." >>README
    commit "Jo Miller" jo@billing.example "Write the page $page"
done
product tag v8.10

title "A customer writes of an export that stops at times"
mkdir "$work/support"
cd "$work/support"
git init --quiet
issuelog init --quiet >/dev/null
id=$(issuelog new -q --severity S3 --title "The export stops at times" --customer "Acme GmbH" \
    --story "Every now and then the export stops with a red box. When we try again it works." \
    --error-message "EXPORT-507: worker 1 terminated" --step "Press Export" --expected "a CSV file" \
    --actual "a red box" --frequency sometimes --product billing --product-version 8.10 \
    --consequences "we try again and again")
run issuelog acknowledge "$id" --impact "your export stops"

title "Reproduced by machine: in clean work trees, at the version of the customer"
run issuelog reproduce "$id" --run "sh export" --repeat 12

title "The commit that brought it in; a version is good only after enough runs without the error"
run issuelog diagnose "$id" --bisect v8.8..v8.10 --run "sh export" --repeat 12 \
    --cause "the second worker may use next to no memory" --kind code
issuelog show "$id" --json | grep --quiet "\"first_bad_commit\": \"$guilty\""

title "Fixed, with a test that comes with the fix"
cp "$ISSUELOG_PRODUCT_REPO/workers/0" "$ISSUELOG_PRODUCT_REPO/workers/1"
printf 'sh export | grep "tax"\n' >"$ISSUELOG_PRODUCT_REPO/test-export"
commit "Ana Reyes" ana@billing.example "Give the second worker its memory back"
run issuelog fix "$id" --kind code --summary "both workers have the memory they need" \
    --ref "git:$(product rev-parse HEAD)"

title "A test that passes before the fix proves nothing, and is refused"
run issuelog test "$id" --run "true" --fixed-at main || echo "(exit code $?, and nothing was changed)"

title "Proven: the test shows the error before the fix, and not after it"
run issuelog test "$id" --run "sh test-export" --with test-export --fixed-at main --repeat 12

title "Resolved, and the customer hears of it"
run issuelog test "$id" --mode manual --level acceptance --scenario "Export pressed twenty times" --result pass
run issuelog deploy "$id" --version 8.10.1 --place production
run issuelog resolve "$id"

title "Analysed: why it happened, and why nobody saw it"
run issuelog rca start "$id" --due 2w
why() { issuelog rca why "$id" --quiet --cause "$@" >/dev/null; }
why occurrence --why "one of two workers had no memory to read the ledger" --evidence "ulimit in workers/1"
why occurrence --why "limits are typed into each worker's file" --evidence "workers/0 and workers/1 differ"
why occurrence --why "configuration has no owner, and no place of its own" --evidence "git log workers" --ends-in design
why escape --why "each release was tried with a single request" --evidence "the checklist of 8.9"
why escape --why "the checklist knows of one worker alone" --evidence "it was written for 8.0"
why escape --why "the checklist is not revisited as parts are added" --evidence "unchanged since 8.0" --ends-in process
run issuelog rca action "$id" "one file of limits for all workers, read at the start" --for C1 --kind prevent \
    --strength strong --owner "Kim Sato" --due 4w --measure "every worker reports the same limits for 30 days"

title "What is still missing until it holds"
run issuelog rca check "$id" || echo "(exit code $?: it is no analysis yet)"

title "Told, walked, searched and decided; then somebody else accepts it"
run issuelog rca detect "$id" --how "a customer wrote" --should-have "an alarm on failed exports" --gap 2h
run issuelog rca walk "$id" requirements=none design="limits have no owner" code=none review=none test="one request" \
    release="an old checklist" monitoring="no alarm" support=none
run issuelog rca recurrence "$id" --conclusion "it is the first of its kind"
run issuelog rca not-done "$id" "a new checklist" --because "one file of limits leaves it nothing to miss" --for C2
run issuelog rca check "$id"
run issuelog rca accept "$id" --reviewer "Li Wei"

title "Its measure, and what is due by when"
run issuelog actions
run issuelog due


title "What there is now, and nothing else was touched"
run issuelog log "$id"
product status --short
run git -C "$ISSUELOG_PRODUCT_REPO" worktree list
