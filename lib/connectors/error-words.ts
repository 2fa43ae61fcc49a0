/**
 * The words that errors are made of: of plain English, of HTTP, credentials, permissions, validation, JSON, paging and limits, and
 * of what companies keep. Of a vendor's words only these leave (`known-words.ts`, which knows their endings), so it holds no word that
 * says something of a person: no sex, belief, illness, mood or family. In the order of the alphabet.
 */
const words = `
a abort about above absence absent abuse accept acceptable acceptance access accessible accesstoken according account
acknowledge acl acquire across act action activate activation active activity actual actually add added adding addition
additional additionally address adequate adjust admin administration administrative administrator advance advice affect after
again against age agent aging agree agreement ahead alert algorithm alias align all allocate allocation allotted allow allowable
allowance allowlist almost alone along alphanumeric already also alter alternate alternative alternatively although always
ambiguous amend among amount an analyze ancestor and annual anonymous another answer any anyone anything anyway anywhere apart
api apikey apitoken app appear append applicability applicable applicant application apply appointment appropriate approval
approve approver approx approximate approximately arbitrary archive are area aren't arg argument around arrange array arrive
article as ascending ascii ask aspect assert assertion assessment asset assign assignee assignment assist assistance associate
association assume asterisk async asynchronous at atom attach attachment attempt attendance attendee attention attribute
audience audit auth authenticate authentication authenticator authenticity authn author authorisation authorise authoritative
authority authorization authorize authz auto automatic automatically availability available avoid await aware away aws azure
back backend background backlog backoff backslash backup backward bad badge badly badrequest balance ban bandwidth bank base
base64 base64url basic basis batch be bearer bearertoken because become been before begin behalf behave behavior behaviour
behind being belong below benefit best better between beyond billing billion binary bind bit blacklist blank blob block
blocklist board body bool boolean both bottom bound boundary bracket branch brand break broken broker browser bucket budget
buffer bug build built bulk bundle business busy but button by bypass byte cache calculate calculation calendar call callback
caller came campaign can can't cancel cancelable cancellation candidate cannot capability capable capacity capture card care
carefully carriage carrier carry cart case catalog catalogue catch category cause cell center central centre cert certain
certificate certification certified chain challenge change changelog channel char character charge charset check checklist
checksum child children choice choose chosen chunk cidr cipher circular claim class classification clause clean clear cli click
client clientid clientsecret clock clone close cloud cloudflare cluster code collaborator collect collection collide collision
colon column com combination combine come comma command comment commit common communicate communication community company
compare comparison compatibility compatible compensation competency compile complain complete completely completion complex
compliance compliant comply component compression compute computer concurrency concurrent concurrently condition conditional
confidential config configuration configure confirm confirmation conflict conform conjunction connect connection connector
consecutive consent consider consist consistency consistent constant constraint consult consume consumer contact contain
container content contention contenttype context continuation continue contract contractor control controller convention
conversion convert cookie cooldown copy core correct correction correctly correlation correspond corrupt corruption cost costly
could couldn't count counter country coupon cover crash create createdat creation creator credential credit criteria critical
cross crud csrf csv currency current currently cursor custom customer customfield customise customization customize cut cycle
daily damaged dash dashboard data database datacenter dataset datastore datatype date dateformat datetime day dd deactivate
deactivation deadline deal debit debug decide decimal decision declare decline decode decrypt decryption dedicated deduct
deduction deduplicate default defer define definition delay delegate delegation delete deletion delimiter deliver delivery
demand deny denylist department depend dependency dependent deploy deployment deprecate deprecation depth descendant descending
describe description descriptive descriptor deserialise deserialization deserialize designate despite destination destroy detail
detect detection determine develop developer development device dictionary did didn't differ difference different differently
digit direct direction directly directory disable disallow discard disconnect discontinue discover display dispute distinct
division dns do doc document documentation does doesn't domain don't done dot double doubt down download draft driver drop due
dump duplicate duplication duration during dynamic e-mail each earlier earliest early easily edge edit editable editor effective
effectively either elapsed element elevate eligibility eligible else elsewhere email embed employ employee employer employment
empty enable enclosed enclosing encode encoder encounter encrypt encryption end ended endpoint enforce enforcement enough
enqueue enroll enrollment enrolment ensure enter enterprise entire entirely entitled entitlement entity entry enum enumerated
enumeration environment eof equal equality equally equipment equity err errno erroneous error escape especially essential
establish estimate etag etc evaluate evaluation even event eventually ever every everyone everything everywhere evict exact
exactly examine example exceed except exception excess excessive exchange exclude exclusive execute execution exhaust
exhaustively exist existence exit expand expect expectation expense experience expiration expire expiry explain explanation
explicit explicitly exponential export expose expression extend extension external extra extract extremely facility fact fail
failure fall fallback false far fast fatal fault favor favour feature feed fetch few fewer field fieldname file filename
filesystem fill filter final finalize finally find fine finish firewall first firstname fit five fix fixed flag flexible float
flow folder follow for forbid forbidden force foreign fork form formal format formdata formula forward found four fraction frame
free frequent fresh from front frozen fulfill full fully function functional functionality further future gateway gcp gdpr
general generally generate generation generic get getter getting gift give given global gmt go going gone good got grade grant
grantee graphql greater group grpc guarantee guid guide gzip had half halt handle handler handshake has hash hasn't have haven't
head headcount header held help helpful hence here hex hidden hierarchy high higher highest hint hire history hit hmac hold
holiday home host hostname hour hourly how however href hsts html http hyphen i iam icon id idempotence idempotency
idempotencykey idempotent identical identification identifier identify identity idle idp ids if ignore illegal image imap
immediate immediately impersonate impersonation implement implementation implicit implicitly import important imposed impossible
improper in inaccessible inactive inactivity inadequate inbound inbox incident include inclusive incoming incompatible
incomplete inconsistency inconsistent incorrect incorrectly increase increment indefinite indefinitely index indicate indication
indicator individual ineligible inf infinite infinity info inform information informational ingest inherit initial initialise
initialization initialize initializer initially initiate inner input insert insertion inside inspect install installation
instance instead instruction insufficient int int32 int64 integer integrate integration integrity intend intent interaction
interactive interface intermittent internal internally internet interpret interrupt interruption interval interview into invalid
invalidate invalidation invalidtoken inventory inverse invitation invite invoice invoke invoker involve io ip ipv4 ipv6 is isn't
iso iso8601 isolated issue issuer it it's item iterable iterate iteration iterator its itself job join js json just jwe jwk jwt
keep kept key keyed keyword kilobyte kind know known label lack language large larger largest last lastname late latency later
latest latin1 latitude latter layer ldap lead learn lease least leave ledger left legacy legal legitimate length less let letter
letting level lf library licence license life lifecycle lifetime like likely limit limitation limiter line linear link list
listen listings literal little live load local locale localhost localization localized locate location lock log logged logging
logic logical login logon logout long longer longest longitude look lookup loop loss lost low lower lowercase lowest machine
made mail mailbox main mainly maintain maintenance major make malformed malicious manage management manager mandate mandatory
manifest manual manually many map mapped mapping mask master match material matter maximum may maybe mb md5 me mean meant
measure mechanism media medium meet megabyte member membership memory mention merchant merge message met meta metadata method
metric mfa mib microservice middle middleware might migrate migration million millisecond mime minimal minimum minor minus
minute mirror misconfiguration misconfigured misdirect mismatch missed missing mistake mistaken mixed mobile mode model
moderator modification modifier modify module moment monitor month monthly more moreover most mostly move mtls much multi
multipage multipart multiple multiply multitenant must mutable mutual my name namely namespace narrow native near necessarily
necessary need negative negotiate neither nested net network never nevertheless new newer newest newline next no node nominal
non nonce none nonexistent nonnegative nonnull nonstandard nonzero normal normalise normalize normally not notation note
notfound nothing notice notification notify now null nullable number numeric numerical oauth oauth1 oauth2 object objectid
objective observe obtain obvious occasional occur occurrence odata odd of off offboarding offer office official offline offset
often oidc ok okay old older oldest omit on onboarding once one oneself ongoing online only onto oops open openapi openid operate
operation operational operator opportunity opposite opt optimize optin option optional optout or order ordinary organisation
organization organizational origin original originate os other otherwise otp our out outage outbound outcome outdated outer
outgoing output outside outstanding over overall overdue overflow overlap overload overridden override overrun overtime overview
overwrite own owned owner ownership pack package packet padding page pagesize paginate pagination paid pair paragraph parallel
param parameter parameterized parent parentheses parenthesis parenthesized parsable parse parser part partial partially
participant particular particularly partition partner party pass passcode passkey passphrase password passwordless past patch
path pathname pattern pause pay payable payee payload payment payroll payslip pdf peer pending people per percent percentage
perform performance perhaps period periodic periodically permanent permanently permission permit perms persist persistence
persistent person personal phase phone physical pick picklist pii pin ping pipe pipeline pkce place placeholder plain plaintext
plan platform play please plugin plus point pointer policy poll poor pop populate port portal pos position positionally positive
possible possibly post postal postcode postpone potential potentially power practice pre precede precise precision precondition
predefined predicate prefer preference prefetch prefix preflight preliminary premature prematurely premium prepare prerequisite
presence present preserve preset press prevent preview previous previously price primary principal print prior priority privacy
private privilege probable probably probe problem problematic procedure proceed process processor prod produce product
production profile program progress prohibit project projection promote promotion prompt proof propagate proper properly
property proposal proposed protect protection protocol provide provider provision proxy public publication publicly publish
publisher pull purchase purchaser purge purpose push put putting qualify quality quantity quarter quarterly query querystring
question queue quick quickly quit quite quota quotation quote random randomly range rank rare rarely rate ratelimit rather
ratings ratio raw reach reachable reactivate read readable reader readily readonly ready real really realm reason reassign
reattempt reauthenticate reauthorize rebuild recalculate receipt receive receiver recent recently recheck recipient recognise
recognition recognize recommend recommendation reconcile reconfigure reconnect record recover recoverable recovery recreate
recruit recruitment recur recursive recursively redeem redirect redirection reduce redundant reenter refer reference referer
referrer refetch reflect refresh refreshtoken refund refusal refuse regard regardless regenerate regex regexp region regional
register registration registry regular regularly regulation regulatory reject rejection relate relation relationship relative
relatively release relevant reliable reload relocation relogin rely remain remainder remap remember remote removal remove rename
render renew renewal reopen reorder repair repeat repeatedly replace replacement replay replica reply report reporter repository
represent representation reproduce req request requester requestor requeue require requirement requisition rerun reschedule
resend reservation reserve reset reside resign resolution resolve resource resourceid resp respect respective respectively
respond response responsible rest restart restore restrict restriction resubmit result resume resync retain retention retired
retrieval retrieve retry retryable return reuse reverse revert review reviewer revision revocation revoke rewrite rfc rfc3339
rfc7807 rfc9457 right role rollback root roster rotate rotation round route router row rpc rpm rps rsa rsvp rule run running
runtime safe safely said salary same saml sample sandbox satisfy save say scalar scale scan schedule scheduler schema scheme
scim scope score screen script scroll sdk search searchable second secondary secret section secure securely security see seeing seek
seem seen segment select selection selector self semicolon send sender sense sensitive sent sentence separate separately
separator sequence sequential serial serialise serializable serialization serialize serializer series serious serve server
service serviceaccount session sessionid set setter setting settlement setup several severance severe severity sftp sha1 sha256
sha512 shall shape shard share sheet shift shipment short shorter shortly should shouldn't show shown shut shutdown sibling side
sign signature signer significant signin signout signup silent similar similarly simple simply simultaneous simultaneously since
single singular site size skew skill skip slash slot slow slower slowly small smaller smallest sms smtp sns so soft software
some someone something sometimes somewhere soon sorry sort sortable source space special specific specifically specification
specifier specify specs speed spelling spend split spreadsheet sql sqs ssh ssl ssn sso stack staff stage stale stall stand
standard start startup state statement static stats status statuscode stay stderr stdin stdout step still stop storage store
stream strict strictly string strong structure sts stuck style sub subdomain subfield subject submission submit subordinate
subquery subresource subscribe subscriber subscription subsequent subset subsidiary substitute substring subtask succeed success
successful successfully such suddenly sufficient suffix suggest suggestion suitable sum summary supervisor supplier supply
support supposed suppress sure survey suspect suspend suspension suspicious svc swap switch symbol sync synchronise
synchronization synchronize synchronous syntactically syntax system tab table tag tagged tagging take taken talent target task
tax tcp team technical tell temp template temporarily temporary ten tenancy tenant tenantid tenure terminate termination terms
test text than thank that that's the their them themselves then there there's thereby therefore these they thing think third
this those though thread threat three threshold throttle through throughout throughput throw thrown thus ticket tier time
timeframe timeline timely timeout timesheet timeslot timestamp timezone tip title tls tmp to today together toggle token told
tolerance tomorrow too tool top topic total totally touch trace traceback traceid track traffic trailing trainee training
transaction transfer transform transformation transient transition translate transmission transmit transport tree trial tried
trigger trim trouble troubleshoot true truncate trust try trying ttl tuple turn two txt type typical typically tz unable
unauthorizedaccess uncaught under underlying underscore understand understood undo unexpectedly unfortunately unhealthy unicode
union unique uniquely uniqueness unit universal unmet unparseable unprocessable unresponsive unset unstable until unzip up
upcoming update upgrade upload upon upper uppercase upsert upstream uptime urgent uri url us usable usage use used useful user
userdata usergroup userid userinfo username using usual usually utc utf utf-8 utf16 utf8 uuid v1 v2 v3 vacancy vacant vacation
valid validate validation validator validity validly value variable variant variety various vary vector vendor verb verbatim
verbose verification verifier verify version very via view viewer viewport violate violation virtual visibility visible visit
visitor void volume voucher vulnerability wage wait want warn warnings was wasn't watch way we we're we've weak web webhook
webinar webpage website websocket week weekly well went were weren't what whatever when whenever where whereas wherever whether
which whichever while whilst whitelist whitespace who whoever whole whose why wide width wildcard will window with withdraw
withdrawn withhold within without won't word work workbook workday worker workflow workforce workload workplace worksheet
worksite workspace world would wouldn't writable write writeable writer written wrong wrongly www x509 xml xsrf xss yaml year
yearly yes yesterday yet you you'll you're you've your yourself yyyy zero zipped zone
`;

/**
 * Those of them that are somebody's first name or surname, too: told in SECURITY.md. With a capital beside a word that is not known
 * they are taken for a name.
 */
const names = `
alone among an back ban banks best billings blank blanks block bottoms bounds branch brand button call can card carrier carry
cart case child childs click close cloud colon constant counts cross daily day deal do dot downing downs driver early edge else
even evers fall falls favors field fielding fields fine fix frame free freed general givens goings good gooding grant has head
held hering high hold holiday in ip job just key keys lack large line link little lock logins long low main major majors manual
many masters may mays means merchant meta minor more my name new null numbers ok olds pack page param parent peer peoples per
person ping place pointer pop post power powers price prior quick read register root rounds rule said samed sample samples
scales see self server sessions sheets short shorter sides sites skipped small smalls so soon speed stack still strong styles
top trace true unique valid wage waits way weeks wells will wills word
`;

export const errorWords: ReadonlySet<string> = new Set(words.trim().split(/\s+/));

export const alsoNames: ReadonlySet<string> = new Set(names.trim().split(/\s+/));
