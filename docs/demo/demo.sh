#!/usr/bin/env bash
# The main job, from a customer's mail to a closed report, in a new repository of its own. Called by `make demo`.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PAGER=cat
git config --file "$GIT_CONFIG_GLOBAL" user.name "Ana Reyes"
git config --file "$GIT_CONFIG_GLOBAL" user.email "ana@billing.example"
git config --file "$GIT_CONFIG_GLOBAL" init.defaultBranch main
mkdir "$work/support"
cd "$work/support"

title() { printf '\n\033[1m── %s\033[0m\n' "$*"; }
# Print a command as one would type it, then run it; `at TIME` in front says when it happened.
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
at() {
    local when=$1
    shift
    run issuelog --at "2026-11-16T${when}Z" "$@"
}

title "A repository, and a tracker in it"
run git init -q
run issuelog init

title "A customer writes: the mail becomes a report, with its screenshot and log"
at 08:04 import mail "$here/customer-mail.eml"
id=$(issuelog list -q)

at 08:06 due

title "How bad it is and who takes it; then the first answer, within minutes, in words that were checked"
at 08:10 triage "$id" --severity S2 --because "core function blocked, month end" --users 6 --component export \
    --owner "Ana Reyes <ana@billing.example>" --data-loss none --security none
at 08:12 acknowledge "$id" --impact "your month-end run is held up" --next-update 2026-11-16T10:00Z
run issuelog message show "$id" M1
run issuelog next "$id"

title "What the mail says goes into the form; what is missing is asked in one message, and the reply finds its report"
at 08:20 set "$id" intake.error_message="EXPORT-507: worker terminated" intake.error_code=EXPORT-507 \
    intake.steps="Open Reports, Choose March, Press Export" intake.actual="the bar stops at 40 %, then a red box" \
    intake.frequency=always intake.tried=4 intake.failed=4 intake.environment.product=billing-web \
    intake.environment.version=8.10 intake.environment.os="Windows 11" intake.environment.browser="Edge 123" \
    intake.environment.device=laptop intake.last_worked_at=2026-11-13 intake.first_seen_at=2026-11-16T07:40Z \
    intake.consequences="the month-end run is blocked" customer.second_contact="+49 30 5550 0199"
run issuelog missing "$id"
at 08:22 ask "$id" --missing
run issuelog import mail "$here/customer-reply.eml"
at 08:52 answer "$id" expected "A CSV file is offered"
at 08:53 answer "$id" changed_before "only more invoices than in February"

title "Reproduced in a sandbox, diagnosed, and a way around it for the customer"
at 09:30 hypothesis add "$id" "the worker runs out of memory" --test "export 5,000 lines with a limit of 256 MB"
at 09:50 reproduce "$id" --runs 5 --hits 5 --place sandbox --env version=8.10 --env os="Debian 12"
at 09:55 hypothesis confirm "$id" H1
at 10:00 workaround "$id" "Export each week of March by itself" --limits "four files instead of one"
at 11:00 diagnose "$id" --cause "the export kept the whole file in memory and reached its limit" --kind code \
    --confidence confirmed --introduced-in 8.9 --affected ">=8.9,<8.10.3"

title "What the customer waits for, and by when"
at 11:00 due

title "What happens when a step is skipped: the refusal names each fact and the command that supplies it"
at 11:05 resolve "$id" || echo "(exit code $?, and nothing was changed)"

title "Fixed, tested, deployed, and the customer told"
at 13:00 fix "$id" --kind code --summary "the export now writes line by line" --ref git:4f9e2c1 --ref pr:1182 \
    --rollback "redeploy 8.10.2" --fixed-in 8.10.3
at 14:00 test "$id" --mode automated --level regression --scenario "an invoice run of 5,000 lines" --result pass
at 14:40 test "$id" --mode manual --level acceptance --scenario "the customer's own steps" --result pass
at 15:00 deploy "$id" --version 8.10.3 --place production
at 15:10 resolve "$id" --customer-steps "please reload the page once" --impact "your month-end run was held up"
at 15:40 verify "$id" --confirmed --score 5 --comment "quick, and I always knew what was going on"

title "The root cause: why it happened, why it reached the customer, what keeps it from coming back"
at 16:00 rca start "$id" --due 2026-11-30
at 16:10 rca why "$id" --cause occurrence --why "the export kept the file in memory" --evidence "heap profile of job 71834"
at 16:11 rca why "$id" --cause occurrence --why "the design had assumed 200 lines" --evidence "design note of 2019"
at 16:12 rca why "$id" --cause occurrence --why "design notes are not revisited as volumes grow" \
    --evidence "none of 14 notes was touched since" --ends-in process
at 16:20 rca why "$id" --cause escape --why "no test exported more than 200 lines" --evidence "tests/export, all fixtures"
at 16:21 rca why "$id" --cause escape --why "fixtures are made by hand" --evidence "their history"
at 16:22 rca why "$id" --cause escape --why "there is no test data of real size" --evidence "test plan 8.x" --ends-in tooling
at 16:23 rca detect "$id" --how "a customer called" --should-have "an alarm on failed exports" --gap 6h
at 16:24 rca walk "$id" requirements=none design="no limit" code=none review=none test="small data" release=none \
  monitoring="no alarm" support=none
at 16:25 rca recurrence "$id" --conclusion "it is the first of its kind"
at 16:26 rca not-done "$id" "fixtures made by machine" --because "the nightly export finds it too" --for C2
at 16:30 rca action "$id" "a nightly export of 10,000 lines under the production limit" --for C1 --kind prevent --strength strong \
    --owner "Li Wei" --due 2026-12-15 --measure "the nightly run is green for 30 days"
at 16:40 rca accept "$id" --reviewer "Li Wei"

title "Closed: with a decision on compensation and on the known errors"
at 16:50 compensate "$id" --decision none --because "the customer met the month end"
at 16:55 close "$id" --known-error none
run issuelog list
run issuelog actions

title "What a reviewer sees"
run git log --reverse --format="%h %s"
run git show --format="%an, %s%n%n%(trailers)" HEAD~1
