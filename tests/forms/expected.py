"""What the programme asks in each form, one line a question.

A question that is added, dropped or reclassed must be changed here too, on purpose.
"""

# ruff: noqa: E501 - one question, one line
from __future__ import annotations

PURPOSES = {
    "start_case": "REFER",
    "withdraw": "PARTICIPATE",
    "alert_report": "PARTICIPATE",
    "hold_journey": "PARTICIPATE",
    "no_more_contact": "FOLLOW_UP",
    "new_case": "REFER",
    "reflection": "REFER",
    "referral": "REFER",
    "referral_decision": "REFER",
    "counselling": "PARTICIPATE",
    "informed_decision": "PARTICIPATE",
    "ask_partner": "PARTICIPATE",
    "application_check": "PARTICIPATE",
    "needs_assessment": "PARTICIPATE",
    "confirm_support": "SHARE_LOCAL_OFFICE",
    "reintegration_plan": "PARTICIPATE",
    "budget_decision": "PARTICIPATE",
    "risk_assessment": "PARTICIPATE",
    "second_review": "PARTICIPATE",
    "choose_way": "PARTICIPATE",
    "undo_by_hand": "PARTICIPATE",
    "alert": "PARTICIPATE",
    "fit_to_travel": "SHARE_HEALTH",
    "journey_booking": "PARTICIPATE",
    "escort": "PARTICIPATE",
    "arrival_arrangement": "SHARE_LOCAL_OFFICE",
    "briefing": "PARTICIPATE",
    "final_check": "PARTICIPATE",
    "departure": "PARTICIPATE",
    "arrival": "SHARE_LOCAL_OFFICE",
    "arrival_meeting": "SHARE_LOCAL_OFFICE",
    "adapt_plan": "SHARE_LOCAL_OFFICE",
    "delivery": "SHARE_LOCAL_OFFICE",
    "follow_up": "FOLLOW_UP",
    "escalation": "FOLLOW_UP",
    "feedback": "FEEDBACK_SE",
    "close_case": "FOLLOW_UP",
    "verify_age": "REFER",
    "guardian": "REFER",
    "hear_child": "REFER",
    "family_assessment": "SHARE_LOCAL_OFFICE",
    "decision_sweden": "REFER",
    "decision_home": "SHARE_LOCAL_OFFICE",
    "receiving_carer": "SHARE_LOCAL_OFFICE",
    "identity_evidence": "PARTICIPATE",
    "document_application": "PARTICIPATE",
    "embassy_answer": "PARTICIPATE",
    "embassy_interview": "PARTICIPATE",
    "document_check": "PARTICIPATE",
    "consultation_question": "",
    "consultation_answer": "",
    "watch_refusal": "FOLLOW_UP",
    "ask_home": "SHARE_LOCAL_OFFICE",
    "child_reassessment": "PARTICIPATE",
    "child_review": "REFER",
    "legal_holds": "PARTICIPATE",
    "own_certificate": "PARTICIPATE",
    "ask_ceiling": "PARTICIPATE",
    "support_in_sweden": "REFER",
    "tell_person": "REFER",
    "local_contact": "PARTICIPATE",
    "acknowledge": "PARTICIPATE",
    "change_consents": "PARTICIPATE",
    "weigh_consent": "PARTICIPATE",
    "local_refused": "PARTICIPATE",
    "helsinki_contact": "PARTICIPATE",
    "helsinki_arrival": "PARTICIPATE",
    "helsinki_arrangement": "PARTICIPATE",
    "weigh_correction": "PARTICIPATE",
}
"""Form to the purpose of its answers."""

QUESTIONS = {
    "start_case": """
protectedIdentity | choice | yes | C1 | - | - | Har personen skyddade personuppgifter? | Is the person's identity protected? | NO UNKNOWN SEKRETESSMARKERING SKYDDAD_FOLKBOKFORING FINGERADE_UPPGIFTER
immediateDanger | yesno | yes | C3 | whereabouts | - | Akut fara nu? | In danger now?
safetyMeasures | choices | when | C3 | whereabouts | - | Vad har gjorts | What was done | EMERGENCY_112 SOCIAL_ON_CALL PROTECTED_HOUSING CHILD_REPORT OTHER
identifiedOn | date | yes | C0 | - | - | Identifierad den | Identified on
identifiedLongAgo | text | when | C1 | - | - | Varför påbörjas ärendet först nu | Why the case begins only now
municipality | municipality | yes | C1 | whereabouts | - | Kommun | Municipality
ageBand | choice | yes | C1 | - | - | Åldersgrupp | Age group | 0_11 12_15 16_17 18_20 21_PLUS
concernReportedOn | date | when | C1 | family | - | Orosanmälan gjord den | Report of concern made on
""",
    "withdraw": """
stopReason | choice | yes | C0 | - | R | Skäl | Reason | CONSENT_WITHDRAWN DECLINES NOT_VOLUNTARY NO_SUPPORT RETURNED_OTHERWISE OTHER_PROGRAMME LOST_CONTACT DECEASED OTHER
decidedWith | text | when | C1 | - | - | Beslutat tillsammans med | Decided together with
saidBy | choice | yes | C0 | - | - | Vem säger det | Who says so | SELF GUARDIAN PARTNER IOM
saidOn | date | yes | C0 | - | - | När | When
saidHow | choice | yes | C0 | - | - | Hur det sades | How it was said | MEETING PHONE WRITTEN OWN_PAGE
purposesWithdrawn | choices | when | C0 | - | - | Samtycken som återkallas | Consents taken back | REFER PARTICIPATE
otherHelpWanted | choices | no | C2 | - | - | Annan hjälp | Other help wanted | REFLECTION_PERIOD SHELTER HEALTH LEGAL NONE
supportInSweden | computed yesno | yes | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
stopNote | longtext | when | C2 | - | - | Kort om varför | In short, why
""",
    "alert_report": """
alertDanger | yesno | yes | C3 | - | R | Fara för liv? | Danger to life?
alertSeenOn | datetime | yes | C3 | - | - | När | When
alertText | longtext | yes | C3 | - | - | Vad har hänt | What happened
""",
    "hold_journey": """
holdReason | choice | yes | C0 | - | - | Skäl | Reason | ALERT HEALTH LEGAL RETURNEE_ASKS COUNTRY OTHER
holdNote | longtext | no | C3 | - | - | Kommentar | Note
""",
    "no_more_contact": """
contactEndedOn | date | yes | C0 | - | - | När | When
wayBackTold | yesno | yes | C0 | - | - | Vet hur det går att återkomma | Knows the way back
safeWhenSaid | choice | yes | C3 | - | - | Verkade trygg | Seemed safe | YES NO UNKNOWN
contactEnded | computed yesno | yes | C0 | - | R | Kontakten avslutad | Contact has ended
""",
    "new_case": """
victimCategory | choice | yes | C2 | exploitation | - | Bedömning | Judgement | PRESUMED_TRAFFICKED IDENTIFIED_TRAFFICKED FOREIGN_CITIZEN_IN_PROSTITUTION UNSURE NONE
exploitationForms | choices | no | C2 | exploitation | - | Former av utnyttjande | Forms of exploitation | SEXUAL FORCED_LABOUR BEGGING FORCED_CRIMINALITY ORGAN HUMAN_EXPLOITATION FORCED_MARRIAGE OTHER UNKNOWN
policeReport | choice | no | C2 | exploitation | - | Polisanmälan | Police report | YES NO UNKNOWN
languages | list | yes | C1 | name | - | Språk | Languages
interpreter | choice | yes | C1 | name | - | Tolk | Interpreter | NO ANY FEMALE MALE
literacy | choice | yes | C1 | name | - | Kan läsa och skriva | Can read and write | YES LIMITED NO
accompanyingChildren | number | yes | C1 | family | - | Medföljande barn | Accompanying children
childrenWorry | yesno | when | C2 | child | - | Oro för något av barnen | Worry about one of the children
childrenReportedOn | date | when | C1 | family | - | Orosanmälan gjord den | Report of concern made on
safeContact | group | yes | C3 | contact | - | Säker kontakt | Safe contact
shelter | choice | no | C3 | whereabouts | - | Boende | Shelter | PROTECTED_HOUSING OTHER_HOUSING STREET UNKNOWN
infoGiven | group | yes | C0 | - | - | Information som getts | Information given
interestInReturn | choice | yes | C0 | - | R | Vill gå vidare | Wants to go on | YES NO UNSURE
supportInSweden | yesno | when | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
""",
    "reflection": """
reflectionStatus | choice | yes | C2 | - | - | Tillstånd för betänketid | Reflection permit | NOT_APPLIED APPLIED GRANTED REFUSED
reflectionApplicant | choice | when | C2 | - | - | Sökande | Applicant | POLICE SOCIAL_SERVICES
reflectionFrom | date | when | C2 | - | - | Från och med | From
reflectionTo | date | when | C2 | - | - | Till och med | Until
reflectionProlonged | yesno | when | C2 | - | - | Förlängt | Prolonged
interestInReturn | choice | yes | C0 | - | R | Vill gå vidare | Wants to go on | YES NO UNSURE
supportInSweden | yesno | when | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
""",
    "referral": """
givenNames | text | yes | C1 | name | - | Förnamn | Given names
familyName | text | yes | C1 | name | - | Efternamn | Family name
knownAs | text | no | C1 | name | - | Kallas även | Also known as
dateOfBirth | date | when | C1 | name | - | Födelsedatum | Date of birth
approxBirthYear | number | when | C1 | name | - | Ungefärligt födelseår | Approximate birth year
ageDisputed | yesno | yes | C1 | name | - | Osäker ålder | Age in doubt
ageBand | choice | yes | C1 | - | - | Åldersgrupp | Age group | 0_11 12_15 16_17 18_20 21_PLUS
isMinor | computed yesno | yes | C1 | - | R | Under 18 år | Under 18
gender | choice | yes | C1 | name | - | Kön | Gender | FEMALE MALE OTHER NOT_STATED
citizenships | list | yes | C1 | - | - | Medborgarskap | Citizenships
foreignCitizen | computed yesno | yes | C1 | - | R | Utländsk medborgare | Foreign citizen
countryOfReturn | country | yes | C1 | - | - | Återvänder till | Returns to
rightToReside | choice | when | C1 | - | R | Rätt att bo där | Right to live there | YES NO UNKNOWN
inTargetGroup | computed choice | yes | C2 | eligibility | R | Målgrupp | Target group | YES NO UNSURE
migrationStatus | choice | yes | C2 | eligibility | - | Status i Sverige | Status in Sweden | EU_FREE_MOVEMENT ASYLUM_SEEKER REFLECTION_PERMIT TEMPORARY_PERMIT OTHER_PERMIT NONE UNKNOWN
travelDocument | choice | yes | C1 | - | - | Resehandling | Travel document | VALID_PASSPORT NATIONAL_ID_EU EXPIRED HELD_BY_OTHERS LOST NONE
travelDocStatus | computed choice | yes | C1 | - | R | Resehandlingens läge | State of the travel document | VALID MISSING ISSUED REFUSED
familyTravelling | list | no | C1 | family | - | Familj | Family
guardian | group | when | C1 | family | - | Vårdnadshavare eller god man | Guardian
urgentNeeds | choices | yes | C2 | needs | - | Akuta behov | Urgent needs | MEDICAL SAFETY HOUSING CHILD NONE
urgency | choice | yes | C0 | - | R | Hur bråttom | How urgent | NORMAL URGENT ACUTE
acuteAgreedWith | text | when | C1 | - | - | Akut efter samtal med | Acute after a call with
knownObstacles | choices | no | C2 | needs | - | Kända hinder | Known obstacles | HEARING_PENDING DEBT CUSTODY_DISPUTE HEALTH DOCUMENTS TRAVEL_BAN EXIT_BAN DETENTION VISA TRANSIT_VISA
travelBan | computed yesno | yes | C2 | needs | R | Reseförbud | Travel ban
exitBan | computed yesno | yes | C2 | needs | R | Tvångsvård eller utreseförbud | Compulsory care or exit ban
custodyDispute | computed yesno | yes | C2 | needs | R | Vårdnadstvist | Custody dispute
detained | computed yesno | yes | C2 | needs | R | Frihetsberövad | Detained
visaMissing | computed yesno | yes | C2 | needs | R | Visum saknas | Visa is missing
transitVisaMissing | computed yesno | yes | C2 | needs | R | Transitvisum saknas | Transit visa is missing
consentRefer | consent | yes | C0 | - | - | Samtycke till hänvisning | Consent to refer
attachments | file | no | C1 | - | - | Bilagor | Attachments
externalNumber | text | no | C1 | - | - | Ert eget ärendenummer | Your own case number
""",
    "referral_decision": """
referralDecision | choice | yes | C0 | - | Rb | Beslut om hänvisningen | Decision on the referral | APPROVED RETURNED REJECTED
reasonCode | choice | when | C0 | - | - | Skäl | Reason | INCOMPLETE OUTSIDE_TARGET_GROUP NO_RIGHT_TO_RESIDE NOT_VOLUNTARY OTHER_PROGRAMME BUDGET EXCEPTION
outsideProgramme | computed yesno | yes | C0 | - | R | Hör inte till programmet | Does not belong to the programme
diaryNumber | text | no | C0 | - | - | Diarienummer | Register number
fundingProgramme | choice | when | C0 | - | - | Finansiering | Funding
budgetCeiling | money | when | C0 | - | - | Budgetram | Budget ceiling
iomOffice | office | when | C0 | - | - | IOM-kontor | IOM office
childServicesOffice | office | no | C0 | - | - | Socialtjänst för barnet | Social services for the child
missingItems | choices | when | C0 | - | - | Vad saknas | What is missing | CONSENT IDENTITY RESIDENCE GUARDIAN OTHER
otherHelp | choices | when | C0 | - | - | Andra vägar | Other help | MIGRATIONSVERKET_SUPPORT SOCIAL_SERVICES NGO HELPLINE OTHER
decisionNote | longtext | when | C1 | - | - | Motivering | Note
""",
    "counselling": """
sessions | list | yes | C1 | - | - | Samtal | Sessions
topicsCovered | choices | yes | C0 | - | - | Har gåtts igenom | Covered | PROGRAMME VOLUNTARY WITHDRAW_ANYTIME ALTERNATIVES_IN_SE RISKS REINTEGRATION_OPTIONS TRAVEL DATA_PROTECTION COMPLAINTS LEGAL_RIGHTS
ownChoices | list | when | C2 | - | - | Personens eget val | The person’s own choice
iomNumber | text | no | C1 | - | - | IOM:s ärendenummer | Case number of IOM
voluntariness | choice | yes | C2 | - | R | Frivillighet | Free will | CONFIRMED DOUBT NOT_VOLUNTARY
capacity | choice | yes | C2 | health | - | Förmåga att besluta | Capacity to decide | NO_CONCERN CONCERN ASSESSED_ABLE ASSESSED_NOT_ABLE
questions | longtext | no | C2 | - | - | Frågor | Questions
localOffice | office | yes | C0 | - | - | Lokalt kontor | Local office
applicationForm | group | yes | C0 | - | - | Ansökans språk och version | Application: language and version
consentParticipate | consent | yes | C0 | - | - | Samtycke att delta | Consent to take part
""",
    "informed_decision": """
applicationOutcome | choice | yes | C0 | - | Rb | Personens beslut | The person’s decision | SIGNED DECLINED
supportInSweden | yesno | when | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
signedOn | date | when | C0 | - | R | Undertecknad | Signed on
signature | group | when | C1 | name | - | Underskrift | Signature
guardianSignature | group | when | C1 | family | - | Underskrift av vårdnadshavare eller god man | Signature of the guardian
declarations | choices | when | C0 | - | - | Personen intygar | The person declares | VOLUNTARY INFORMED CORRECT_DATA KNOWS_CAN_WITHDRAW DATA_SHARING
placeOfBirth | text | when | C1 | name | - | Födelseort | Place of birth
arrivedInSweden | date | no | C1 | - | - | Kom till Sverige | Came to Sweden
previousSupport | yesno | when | C1 | - | - | Fått stöd förut | Had support before
reasonsForReturn | choices | no | C2 | needs | - | Skäl att återvända | Reasons | FAMILY SAFETY HEALTH WORK OTHER NOT_SAY
travelDocuments | list | no | C1 | - | - | Handlingar | Documents
travelDocStatus | computed choice | when | C1 | - | R | Resehandlingens läge | State of the travel document | VALID MISSING ISSUED REFUSED
travelDocExpiresOn | computed date | no | C1 | - | R | Gäller längst till | Latest day of validity
destination | group | no | C3 | destination | - | Adress i hemlandet | Address at home
contactAtHome | group | no | C3 | destination | - | Kontakt i hemlandet | Contact at home
consentTalk | consents | no | C0 | - | - | Samtalet om samtycke | The talk about consent
consentLocal | consent | no | C0 | - | - | Stöd av kontoret i hemlandet | Support by the office at home
consentHealth | consent | no | C0 | - | - | Dela hälsouppgifter | Share health data
consentFamily | consent | no | C0 | - | - | Kontakta familjen | Contact the family
consentFeedback | consent | no | C0 | - | - | Återkoppling till Sverige | Feedback to Sweden
consentFollowUp | consent | no | C0 | - | - | Uppföljning efter tre månader | Follow-up beyond three months
consentStudies | consent | no | C0 | - | - | Studier | Studies
attachments | file | no | C1 | - | - | Bilagor | Attachments
healthShared | computed yesno | yes | C0 | - | R | Hälsouppgifter får delas | Health data may be shared
localShared | computed yesno | yes | C0 | - | R | Stöd av kontoret i hemlandet | Support by the office at home
""",
    "ask_partner": """
goOn | choice | yes | C0 | - | Rb | Fortsätta? | Go on? | ASK_AGAIN END
supportInSweden | yesno | when | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
partnerSays | longtext | yes | C1 | - | - | Partnerns besked | What the partner says
""",
    "application_check": """
voluntariness | choice | yes | C2 | - | R | Frivillighet | Free will | CONFIRMED DOUBT NOT_VOLUNTARY
capacity | choice | yes | C2 | health | - | Förmåga att besluta | Capacity | NO_CONCERN CONCERN ASSESSED_ABLE ASSESSED_NOT_ABLE
doubleGrant | yesno | yes | C1 | - | - | Stöd från annat program | Support from another programme
applicationCheck | choice | yes | C0 | - | Rb | Granskning av ansökan | Check of the application | OK ASK_AGAIN END
missingInApplication | choices | when | C0 | - | - | Vad saknas | What is missing | SIGNATURE GUARDIAN CONSENT DATA TIME_TO_THINK
endReason | choice | when | C0 | - | - | Skäl | Reason | NOT_VOLUNTARY OTHER
supportInSweden | yesno | when | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
""",
    "needs_assessment": """
needs | list | yes | C2 | needs | - | Behov | Needs
supportRequests | list | when | C2 | needs | - | Frågor till lokalt kontor | Requests to local office
health | group | yes | C2 | health | - | Hälsa | Health
selfHarmRisk | choice | yes | C2 | health | R | Risk för självskada | Risk of self-harm | YES NO UNKNOWN
medicalAnnex | file | no | C2 | medical-annex | - | Medicinsk bilaga | Medical annex
needsFitCheck | computed yesno | yes | C2 | health | R | Läkarkontroll före resan | Medical check before the journey
familySituation | group | yes | C3 | destination | - | Familj i hemlandet | Family at home
supportNetwork | yesno | yes | C2 | needs | - | Har någon att lita på | Has somebody to trust
childrenNeeds | list | when | C2 | child | - | Barnens behov | Children's needs
custodyPaperMissing | computed yesno | yes | C2 | child | R | Papper om vårdnad saknas | Custody paper is missing
skills | choices | no | C1 | - | - | Kunskaper | Skills | LANGUAGES CRAFT CARE KITCHEN CLEANING OFFICE SALES FARMING DRIVING IT OTHER
knownObstacles | choices | no | C2 | needs | - | Kända hinder | Known obstacles | HEARING_PENDING DEBT CUSTODY_DISPUTE HEALTH DOCUMENTS TRAVEL_BAN EXIT_BAN DETENTION VISA TRANSIT_VISA
travelBan | computed yesno | yes | C2 | needs | R | Reseförbud | Travel ban
exitBan | computed yesno | yes | C2 | needs | R | Tvångsvård eller utreseförbud | Compulsory care or exit ban
custodyDispute | computed yesno | yes | C2 | needs | R | Vårdnadstvist | Custody dispute
detained | computed yesno | yes | C2 | needs | R | Frihetsberövad | Detained
visaMissing | computed yesno | yes | C2 | needs | R | Visum saknas | Visa is missing
transitVisaMissing | computed yesno | yes | C2 | needs | R | Transitvisum saknas | Transit visa is missing
vulnerable | computed yesno | yes | C2 | needs | R | Särskilt utsatt | Especially vulnerable
needsTransitHelp | computed yesno | yes | C1 | - | R | Behöver hjälp vid byten | Needs help in transit
""",
    "confirm_support": """
supportReplies | list | yes | C2 | needs | - | Svar | Replies
supportConfirmed | choice | yes | C0 | - | Rb | Finns stöd | Support exists | YES PARTLY NO
""",
    "reintegration_plan": """
goals | list | yes | C2 | needs | - | Mål | Goals
activities | list | yes | C2 | needs | - | Insatser | Activities
budgetTotal | computed money | yes | C0 | - | - | Summa | Total
budgetDecision | computed choice | yes | C0 | - | R | Beslut om budget | Decision on the budget | NOT_NEEDED ASK
instalments | list | no | C2 | needs | - | Utbetalningar | Instalments
accepted | group | yes | C0 | - | - | Personen godkänner | The person accepts
guardianAccepted | yesno | when | C0 | - | - | God man godkänner | Guardian accepts
rejectedWhy | longtext | when | C2 | needs | - | Vad personen vill ändra | What the person wants to change
planAccepted | computed yesno | yes | C0 | - | R | Planen är godkänd | The plan is accepted
changeReason | text | when | C1 | - | - | Varför ändrad | Why changed
""",
    "budget_decision": """
planLiving | computed money | yes | C0 | - | - | Boende och kontantbidrag | Housing and cash grants
planWork | computed money | yes | C0 | - | - | Utbildning, arbete och företag | Education, work and business
planOther | computed money | yes | C0 | - | - | Annat stöd | Other support
budgetDecision | choice | yes | C0 | - | Rb | Beslut | Decision | APPROVED REFUSED
budgetCeiling | money | when | C0 | - | - | Ny budgetram | New ceiling
budgetNote | text | when | C0 | - | - | Motivering | Note
""",
    "risk_assessment": """
threatToLife | yesno | yes | C3 | - | R | Hot mot livet | Threat to life
returnsToExploiter | choice | yes | C3 | trafficker | R | Någon som utnyttjat personen bor i hushållet | Somebody who exploited the person lives in the household | YES NO UNKNOWN
traffickerAtLarge | choice | yes | C3 | trafficker | R | Misstänkt gärningsperson är på fri fot | A suspected offender is at large | YES NO UNKNOWN
traffickerKnowsAddress | choice | yes | C3 | trafficker | R | Gärningsperson känner till adressen | Trafficker knows the address | YES NO UNKNOWN
hasTestified | choice | yes | C3 | trafficker | R | Har vittnat | Has testified | YES NO UNKNOWN
owesDebt | choice | yes | C3 | trafficker | R | Sägs vara skyldig pengar | Is said to owe money | YES NO UNKNOWN
priorRetrafficking | choice | yes | C3 | trafficker | R | Har utnyttjats på nytt tidigare | Was exploited again before | YES NO UNKNOWN
safeAccommodation | choice | yes | C3 | destination | R | Tryggt boende vid ankomst | Safe housing on arrival | CONFIRMED PLANNED NONE
authorityProtection | choice | yes | C3 | - | R | Skydd av myndigheter | Protection by authorities | AVAILABLE WEAK NONE UNKNOWN
countryStatus | choice | yes | C0 | - | R | Läget i landet | State of the country | OPEN RESTRICTED SUSPENDED
risks | list | when | C3 | - | - | Risker | Risks
noRisks | yesno | when | C3 | - | - | Inga risker funna | No risk found
residualWorst | computed choice | yes | C3 | - | R | Värsta nivå efter åtgärd | Worst level after mitigation | LOW MEDIUM HIGH UNACCEPTABLE
riskAssessedOn | date | yes | C0 | - | R | Bedömd | Assessed on
""",
    "second_review": """
reviewOutcome | choice | yes | C0 | - | Rb | Utfall | Outcome | GO BACK
mitigationsInPlace | yesno | yes | C3 | - | - | Åtgärder på plats | Mitigations in place
reviewNote | longtext | yes | C3 | - | - | Bedömning | Judgement
""",
    "choose_way": """
cause | choices | yes | C0 | - | - | Orsak | Cause | RISK DOCUMENT HEALTH NO_SHOW HELD CARRIER CHILD OTHER
leftByHand | list | when | C1 | - | - | Avbokat eller redovisat | Cancelled or accounted for
way | choice | yes | C0 | - | Rb | Fortsättning | How to go on | CHANGE_PLAN REASSESS WAIT HOME_ANYWAY CHANGED_MIND UNSAFE HOLD
arrivalOn | date | when | C0 | - | R | Kom fram den | Arrived on
supportInSweden | computed yesno | yes | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
handOver | choices | when | C2 | needs | - | Fortsatt skydd i Sverige | Protection in Sweden | REFLECTION_PERIOD TEMPORARY_PERMIT SHELTER POLICE SOCIAL_SERVICES NONE
wayNote | longtext | yes | C3 | - | - | Motivering | Reason
""",
    "undo_by_hand": """
leftByHand | list | yes | C1 | - | - | Avbokat eller redovisat | Cancelled or accounted for
""",
    "alert": """
alertKind | choice | yes | C3 | - | - | Typ | Kind | SAFETY RE_TRAFFICKING MISSING HEALTH CHILD LEGAL CONSENT_PART PROTECTION_MARKING STAFF OTHER
alertSeverity | choice | yes | C3 | - | - | Allvar | Severity | LOW HIGH CRITICAL
alertActions | list | yes | C3 | - | - | Åtgärder | Actions
policeTold | choice | yes | C3 | - | - | Polis | Police | NOT_NEEDED WITH_CONSENT DANGER_TO_LIFE CHILD
journeyHeld | yesno | when | C0 | - | - | Resan stoppad | Journey held
tellPartners | choice | yes | C0 | - | R | Underrätta | Tell | NOBODY APPROVER APPROVER_AND_PARTNER
""",
    "fit_to_travel": """
fitToTravel | choice | yes | C2 | health | Rb | Resduglighet | Fitness | FIT FIT_WITH_ESCORT NOT_FIT
medicalReportOn | date | yes | C2 | health | R | Läkarutlåtande | Medical report of
medifOn | date | no | C2 | health | R | Flygbolagets formulär | Airline form of
medicationPlan | yesno | yes | C2 | health | - | Läkemedelsplan | Medication plan
abilityConfirmed | yesno | when | C2 | health | - | Kan besluta | Able to decide
treatmentFirst | text | when | C2 | medical-annex | - | Behandling först | Treatment first
""",
    "journey_booking": """
ticketsAnswer | choice | yes | C0 | - | - | Svar om biljetterna | Answer about the tickets | BOOKED NOT_BOOKED
ticketsAnswerWhy | text | when | C3 | route | - | Varför inte | Why not
segments | list | when | C3 | route | - | Sträckor | Segments
travelDocExpiresOn | date | when | C1 | - | R | Resehandlingen gäller till | The travel document is valid until
departureAt | computed datetime | no | C3 | route | R | Avresa | Departure
arrivalEta | computed datetime | no | C3 | route | R | Beräknad ankomst | Expected arrival
refundable | yesno | when | C0 | - | - | Kan återbetalas | Refundable
ticketCost | money | no | C0 | - | - | Biljetternas kostnad | Cost of the tickets
ticketReceipt | file | no | C1 | - | - | Kvitto | Receipt
ticketsBooked | computed yesno | yes | C0 | - | R | Biljetter bokade | Tickets booked
destination | group | when | C3 | destination | - | Adress i hemlandet | Address at home
""",
    "escort": """
escortAnswer | choice | yes | C0 | - | - | Svar om ledsagaren | Answer about the escort | ASSIGNED NOT_ASSIGNED
escortAnswerWhy | text | when | C1 | - | - | Varför inte | Why not
escortPerson | group | when | C1 | - | - | Ledsagare | Escort
escortCost | money | no | C0 | - | - | Ledsagarens kostnad | Cost of the escort
escortBriefed | yesno | when | C0 | - | - | Informerad | Briefed
escortAssigned | computed yesno | yes | C0 | - | R | Ledsagare utsedd | Escort assigned
""",
    "arrival_arrangement": """
whoMeets | group | yes | C3 | route | - | Vem möter | Who meets the person
onwardTransport | yesno | yes | C3 | route | - | Behövs vidare transport | Is onward transport needed
onwardLegs | list | when | C3 | route | - | Vidare transport | Onward transport
firstNights | choice | yes | C3 | destination | - | Första nätterna | First nights | BOOKED FAMILY OWN_HOME NONE
arrivalArranged | computed yesno | yes | C0 | - | R | Ankomsten ordnad | Arrival arranged
transitHelp | list | no | C3 | route | - | Hjälp vid mellanlandning | Transit help
""",
    "briefing": """
briefedOn | date | yes | C0 | - | - | Datum för genomgången | Date of the briefing
briefingTopics | choices | yes | C0 | - | - | Har gåtts igenom | Covered | ROUTE WHO_MEETS CODE_WORD CONTACT_CARD MONEY RIGHT_TO_STOP
consentStill | yesno | yes | C0 | - | - | Vill fortfarande resa | Still wants to travel
departureCash | money | no | C1 | - | - | Resekassa | Departure cash
departureReceipt | file | when | C1 | - | - | Kvitto | Receipt
cashPaid | computed yesno | yes | C0 | - | R | Resekassa utbetald | Cash paid
""",
    "final_check": """
checksOpen | computed choices | no | C2 | - | - | Öppna kontroller | Open checks | SIGNATURE_OLD RISK_OLD RISK DOCUMENT DOCUMENT_EXPIRES NOT_FIT MEDICAL_REPORT_OLD MEDIF_OLD NO_ESCORT ARRIVAL CHILD FREE_WILL CHILD_NOT_NOW HOLD
holdChecks | list | no | C2 | holds | - | Papper som undanröjer hinder | Papers that clear obstacles
goDecision | choice | yes | C0 | - | Rb | Beslut | Decision | GO RECHECK NO_GO
noGoNote | text | when | C3 | route | - | Varför inte | Why not
""",
    "departure": """
departureOutcome | choice | yes | C0 | - | R | Avresan | The departure | DEPARTED POSTPONED NO_SHOW CHANGED_MIND DENIED_BOARDING CANCELLED
departureZone | choice | when | C3 | route | - | Tidszon för avresan | Time zone of the departure | Europe/Stockholm Europe/Helsinki Europe/London Europe/Bucharest Europe/Sofia Europe/Kyiv Europe/Istanbul Africa/Casablanca Africa/Lagos Africa/Nairobi Asia/Dubai Asia/Qatar Asia/Bangkok Asia/Shanghai Asia/Ulaanbaatar America/Bogota America/Sao_Paulo America/New_York
departureAt | datetime | when | C3 | route | R | Ny avresa | New departure
arrivalZone | choice | when | C3 | route | - | Tidszon för ankomsten | Time zone of the arrival | Europe/Stockholm Europe/Helsinki Europe/London Europe/Bucharest Europe/Sofia Europe/Kyiv Europe/Istanbul Africa/Casablanca Africa/Lagos Africa/Nairobi Asia/Dubai Asia/Qatar Asia/Bangkok Asia/Shanghai Asia/Ulaanbaatar America/Bogota America/Sao_Paulo America/New_York
arrivalEta | datetime | when | C3 | route | R | Ny ankomst | New arrival
concern | choice | when | C3 | - | - | Oro | Concern | NONE WORRIED MISSING
""",
    "arrival": """
arrived | yesno | yes | C0 | - | Rb | Har personen kommit fram? | Has the person arrived?
arrivalOn | date | when | C0 | - | R | Ankom den | Arrived on
condition | choice | when | C2 | needs | - | Hur mår personen | How the person is | OK NEEDS_HELP
""",
    "arrival_meeting": """
metOn | date | yes | C0 | - | - | Datum för mötet | Date of the meeting
safeNow | yesno | yes | C3 | - | R | Trygg nu | Safe now
housingReached | yesno | yes | C3 | destination | - | Har kommit fram till bostaden | Has reached the housing
immediateHelp | list | no | C2 | needs | - | Akut hjälp | Immediate help
followUpPeriodMonths | number | yes | C0 | - | R | Uppföljning i månader | Months of follow-up
followUpIntervalMonths | number | yes | C0 | - | R | Månader mellan kontakter | Months between contacts
newSafeContact | group | yes | C3 | destination | - | Säker kontakt | Safe contact
""",
    "adapt_plan": """
activities | list | yes | C2 | needs | - | Insatser | Activities
newTotal | computed money | yes | C0 | - | - | Ny summa | New total
budgetDecision | computed choice | yes | C0 | - | R | Beslut om budget | Decision on the budget | NOT_NEEDED ASK
nextActivityOn | computed date | no | C0 | - | R | Nästa insats klar senast | Next activity due
acceptedAgain | yesno | when | C0 | - | - | Personen godkänner | The person accepts
""",
    "delivery": """
activity | choice | yes | C2 | needs | - | Insats | Activity | NONE
deliveredOn | date | when | C0 | - | - | Genomförd | Carried out
deliveryCost | money | when | C2 | needs | - | Belopp | Amount
receipt | file | when | C1 | - | - | Kvitto | Receipt
obstacles | choices | no | C2 | needs | - | Hinder | Obstacles | PROVIDER DOCUMENT HEALTH FAMILY SAFETY MARKET
supportDone | yesno | yes | C0 | - | R | Planen genomförd | Plan carried out
planMustChange | yesno | when | C0 | - | R | Planen behöver ändras | The plan must be changed
nextActivityOn | computed date | no | C0 | - | R | Nästa insats klar senast | Next activity due
""",
    "follow_up": """
attempts | list | yes | C1 | - | - | Försök | Attempts
followUpReached | computed yesno | yes | C0 | - | R | Nådd | Reached
followUpRefused | computed yesno | yes | C0 | - | R | Ville inte tala | Did not want to talk
wrongPerson | computed yesno | yes | C0 | - | R | Fel person svarade | The wrong person answered
fewerContacts | yesno | when | C0 | - | R | Glesare kontakt | Fewer contacts
safeToTalk | yesno | when | C3 | - | R | Tryggt att tala nu | Safe to talk now
missedInARow | computed number | when | C0 | - | R | Missade i rad | Missed in a row
dangerNow | yesno | when | C3 | - | R | Fara nu | Danger now
exploitationSigns | choices | when | C3 | trafficker | - | Tecken på utnyttjande | Signs of exploitation | NONE DOCS_TAKEN CONTROLLED MOVED_BY_OTHERS DEBT_PRESSURE CONTACT_BY_TRAFFICKER THREATS UNPAID_WORK
exploitationSign | computed choice | yes | C3 | trafficker | R | Tecken, sammanvägt | Signs, taken together | NONE PRESSURE CONTROL
healthCrisis | yesno | when | C2 | health | R | Akut hälsa | Health crisis
basicNeeds | choice | when | C2 | needs | R | Mat, sovplats, medicin | Food, bed, medicine | OK LACKING
economy | group | no | C2 | needs | - | Ekonomi | Economy
social | group | no | C2 | needs | - | Vardag | Daily life
wellbeing | group | no | C2 | needs | - | Välmående | Wellbeing
lowScore | computed yesno | yes | C2 | needs | R | Låg poäng | Low score
children | group | when | C2 | child | - | Barnen | Children
childWorry | computed yesno | yes | C2 | child | R | Oro för ett barn | Worry about a child
wish | choice | when | C2 | needs | R | Vill bo kvar | Wants to stay | STAY WISH_TO_LEAVE NEED_TO_LEAVE
planProgress | choice | when | C1 | - | R | Planen går | Plan | ON_TRACK DELAYED STUCK DONE
ownWords | longtext | no | C2 | needs | - | Egna ord till de svenska kontoren | Own words to the Swedish offices
followUpPeriodMonths | number | no | C0 | - | R | Uppföljning i månader | Months of follow-up
""",
    "escalation": """
riskStillAs | choice | yes | C3 | - | - | Risk nu | Risk now | SAME LOWER HIGHER
escalationActions | list | yes | C3 | - | - | Åtgärder | Actions
newContactWay | group | when | C3 | destination | - | Ny säker kontakt | New safe contact
""",
    "feedback": """
feedbackType | choice | yes | C0 | - | - | Typ | Kind | ARRIVED PROGRESS ALERT
feedbackLevel | choice | yes | C0 | - | R | Innehåll | Content | STATUS_ONLY SUMMARY OWN_WORDS
feedbackTo | choice | yes | C0 | - | R | Till | To | APPROVER APPROVER_AND_PARTNER
feedbackText | longtext | when | C1 | feedback | - | Text | Text
agreedText | yesno | when | C0 | - | - | Personen godkänner texten | The person agrees to the text
""",
    "close_case": """
outcome | choice | yes | C2 | needs | - | Utfall | Outcome | SUSTAINED PARTLY LEFT_PROGRAMME LOST_CONTACT RE_MIGRATED RE_TRAFFICKED DECEASED
outcomeGroup | computed choice | yes | C0 | - | - | Hur det gick | How it went | SUSTAINED PARTLY NOT UNKNOWN
finalSurvey | group | when | C2 | needs | - | Slutenkät | Final survey
moneyClosed | yesno | yes | C0 | - | - | Ekonomi avstämd | Money settled
lessons | longtext | no | C0 | - | - | Lärdomar | Lessons
finalText | longtext | no | C1 | feedback | - | Avslutande ord till de svenska kontoren | Closing words to the Swedish offices
""",
    "verify_age": """
ageBasis | choice | yes | C1 | name | - | Grund | Basis | DOCUMENT AUTHORITY ASSESSMENT DISPUTED
isMinor | yesno | yes | C1 | - | Rb | Under 18 år | Under 18
""",
    "guardian": """
guardian | group | yes | C1 | family | - | Vårdnadshavare eller god man | Guardian
guardianConflict | choice | yes | C2 | child | - | Kan den som bestämmer för barnet vara inblandad | May the guardian be involved | NO YES UNKNOWN
childRepresentative | text | no | C1 | family | - | Barnets ombud | The child’s representative
""",
    "hear_child": """
heardOn | date | yes | C0 | - | - | Samtal den | Heard on
childWish | choice | yes | C2 | child | R | Barnets vilja | The child's wish | RETURN STAY UNSURE
childSays | longtext | yes | C2 | child | - | Barnets egna ord | In the child's words
consentLocal | consent | no | C0 | - | - | Stöd av kontoret i hemlandet | Support by the office at home
localShared | computed yesno | yes | C0 | - | R | Hemlandet får kontaktas | The home country may be contacted
""",
    "family_assessment": """
familyFound | choice | yes | C1 | family | - | Familjen hittad | Family found | YES NO UNKNOWN
homeSafe | choice | yes | C2 | child | R | Hemmet tryggt | Home is safe | YES NO UNKNOWN
familyInvolved | choice | yes | C2 | child | R | Familjen inblandad | Family involved | YES NO UNKNOWN
siblings | text | no | C2 | child | - | Syskon | Siblings
schooling | text | no | C2 | child | - | Skolgång | Schooling
familyReport | file | yes | C2 | child | - | Utredning | Report
""",
    "decision_sweden": """
decisionSweden | choice | yes | C2 | child | Rb | Ställningstagande | Position | RETURN STAY OTHER
guardianAgrees | yesno | yes | C2 | child | R | Vårdnadshavaren eller gode mannen går med på att återvända | The guardian agrees to the return
decisionSwedenOn | date | yes | C0 | - | - | Beslutat den | Decided on
decisionSwedenFile | file | yes | C2 | child | - | Beslutet | The decision
otherSolution | text | when | C2 | child | - | Annan lösning | Other solution
""",
    "decision_home": """
decisionHome | choice | yes | C2 | child | Rb | Besked | Answer | RETURN NOT_RETURN NO_ANSWER
homeAuthority | text | yes | C1 | family | - | Ansvarig myndighet i hemlandet | Responsible authority at home
decisionHomeFile | file | when | C2 | child | - | Beslutet | The decision
""",
    "receiving_carer": """
carer | group | yes | C1 | family | - | Den som tar emot | Carer
carerIsFamily | yesno | yes | C2 | child | - | Hör till familjen | Belongs to the family
carerPromise | file | yes | C1 | family | - | Skriftligt åtagande | Written undertaking
carerSecured | yesno | yes | C2 | child | R | Säkerställt | Secured
""",
    "identity_evidence": """
evidence | choices | yes | C1 | - | - | Underlag | Evidence | OLD_PASSPORT ID_CARD BIRTH_CERTIFICATE COPY WITNESS NONE
photos | yesno | yes | C1 | - | - | Foton tagna | Photos taken
""",
    "document_application": """
documentKind | choice | yes | C1 | - | - | Typ av handling | Kind of document | LAISSEZ_PASSER EU_EMERGENCY PROVISIONAL_PASSPORT NEW_PASSPORT
embassy | text | yes | C1 | - | - | Ambassad | Embassy
appliedOn | date | yes | C0 | - | - | Ansökt | Applied on
fee | money | no | C0 | - | - | Avgift | Fee
""",
    "embassy_answer": """
embassyAnswer | choice | yes | C0 | - | Rb | Svar | Answer | ISSUED INTERVIEW REFUSED
interviewOn | date | when | C1 | - | - | Intervju den | Interview on
travelDocStatus | computed choice | yes | C1 | - | R | Resehandlingens läge | State of the travel document | VALID MISSING ISSUED REFUSED
""",
    "embassy_interview": """
interviewHeld | yesno | yes | C0 | - | - | Intervjun hölls | Interview held
interviewNote | text | when | C1 | - | - | Kommentar | Note
""",
    "document_check": """
documentRight | yesno | yes | C1 | - | - | Uppgifterna stämmer | Data is right
travelDocExpiresOn | date | when | C1 | - | R | Gäller till | Valid until
travelDocStatus | computed choice | yes | C1 | - | R | Resehandlingens läge | State of the travel document | VALID MISSING ISSUED REFUSED
""",
    "consultation_question": """
noIdentity | yesno | yes | C0 | - | - | Inga personuppgifter | No identity
questionTopic | choice | yes | C0 | - | - | Ämne | Topic | TARGET_GROUP SAFETY CHILD CONSENT OTHER
questionText | longtext | yes | C0 | - | - | Fråga | Question
""",
    "consultation_answer": """
answerText | longtext | yes | C0 | - | - | Svar | Answer
mayBecomeCase | yesno | yes | C0 | - | - | Kan bli ett ärende | May become a case
""",
    "watch_refusal": """
riskFromHere | choice | yes | C3 | - | - | Risk nu | Risk now | SAME LOWER HIGHER
watchNote | longtext | yes | C3 | - | - | Vad har vägts in | What was weighed
""",
    "ask_home": """
decisionHome | choice | yes | C2 | child | R | Besked | Answer | RETURN NOT_RETURN NO_ANSWER
homeAuthority | text | yes | C1 | family | - | Ansvarig myndighet i hemlandet | Responsible authority at home
decisionHomeFile | file | when | C2 | child | - | Beslutet | The decision
homeSafe | choice | yes | C2 | child | R | Hemmet tryggt | Home is safe | YES NO UNKNOWN
familyInvolved | choice | yes | C2 | child | R | Familjen inblandad | Family involved | YES NO UNKNOWN
homeAsked | computed number | yes | C0 | - | R | Hemlandet frågat | Home asked
childReview | choice | no | C2 | child | R | Andra bedömning | Second assessment | RETURN ASK_AGAIN OTHER
""",
    "child_reassessment": """
childReassessed | choice | yes | C2 | child | R | Är återvändandet fortfarande bäst för barnet | Is return still best for the child | RETURN NOT_NOW
reassessedOn | date | yes | C0 | - | - | Avstämt den | Checked on
childWish | choice | yes | C2 | child | R | Barnets vilja | The child's wish | RETURN STAY UNSURE
carerReady | yesno | yes | C2 | child | - | Den som tar emot är beredd | The carer is ready
childHoldsConfirmed | yesno | when | C2 | child | - | Papper om vård, utreseförbud och vårdnad är granskade och undanröjer hindren | Papers about care, exit bans and custody were checked and clear the obstacles
""",
    "child_review": """
childReview | choice | yes | C2 | child | Rb | Bedömning | Assessment | RETURN ASK_AGAIN OTHER
childReviewOn | date | yes | C0 | - | - | Bedömt den | Assessed on
childReviewWhy | longtext | yes | C2 | child | - | Varför | Why
carerSecured | yesno | no | C2 | child | R | Mottagare säkerställd | Carer secured
""",
    "legal_holds": """
holdRows | list | yes | C2 | holds | - | Hinder | Obstacles
travelBan | computed yesno | yes | C2 | needs | R | Reseförbud | Travel ban
exitBan | computed yesno | yes | C2 | needs | R | Tvångsvård eller utreseförbud | Compulsory care or exit ban
custodyDispute | computed yesno | yes | C2 | needs | R | Vårdnadstvist | Custody dispute
custodyPaperMissing | computed yesno | yes | C2 | needs | R | Papper om vårdnad saknas | Custody paper is missing
detained | computed yesno | yes | C2 | needs | R | Frihetsberövad | Detained
visaMissing | computed yesno | yes | C2 | needs | R | Visum saknas | Visa is missing
transitVisaMissing | computed yesno | yes | C2 | needs | R | Transitvisum saknas | Transit visa is missing
holdsAnswer | choice | yes | C0 | - | R | Fortsätta | Go on | GO_ON GIVE_UP
""",
    "own_certificate": """
consentHealth | consent | no | C0 | - | - | Dela hälsouppgifter | Share health data
healthShared | computed yesno | yes | C0 | - | R | Hälsouppgifter får delas | Health data may be shared
fitToTravel | choice | when | C2 | health | R | Vad intyget säger | What the certificate says | FIT FIT_WITH_ESCORT NOT_FIT
medicalReportOn | date | when | C2 | health | R | Intygets datum | Date of the certificate
ownCertificate | file | no | C2 | health | - | Intyget | The certificate
""",
    "ask_ceiling": """
budgetDecision | choice | yes | C0 | - | Rb | Begäran | Request | ASK REFUSED
ceilingReason | longtext | when | C0 | - | - | Varför | Why
""",
    "support_in_sweden": """
supportArranged | choices | yes | C2 | needs | - | Vad har ordnats | What was arranged | SHELTER HEALTH LEGAL SOCIAL_SERVICES REFLECTION_PERIOD DECLINED
supportContact | text | no | C1 | - | - | Vem tar över kontakten | Who takes over the contact
supportFrom | date | yes | C0 | - | - | Från och med | From
""",
    "tell_person": """
toldOn | date | yes | C0 | - | - | Berättat den | Told on
toldHow | choice | yes | C0 | - | - | Hur det berättades | How it was told | MEETING PHONE NOT_REACHED
otherWaysTold | choices | no | C0 | - | - | Andra vägar som har berättats | Other ways that were told | MIGRATIONSVERKET_SUPPORT SOCIAL_SERVICES NGO HELPLINE OTHER
supportInSweden | yesno | yes | C0 | - | R | Behöver personen fortsatt stöd i Sverige | Does the person need further support in Sweden
""",
    "local_contact": """
localContactReply | choice | yes | C0 | - | R | Svar till IOM Helsingfors | Reply to IOM Helsinki | CAN_RECEIVE TALK_FIRST CANNOT_RECEIVE
localContactBy | text | yes | C0 | - | - | Vem på kontoret har kontakten | Who at the office keeps the contact
localContactOn | date | yes | C0 | - | - | Datum för kontakten med IOM Helsingfors | Date of the contact with IOM Helsinki
""",
    "acknowledge": """
ackAction | choice | yes | C3 | - | - | Vad gör du nu | What do you do now | CALLED_112 CALLS GOES HANDS_ON
ackNote | longtext | no | C3 | - | - | Kort om läget | The situation, in short
""",
    "change_consents": """
purposesWithdrawn | choices | yes | C0 | - | - | Samtycken som återkallas | Consents taken back | REFER SHARE_LOCAL_OFFICE SHARE_HEALTH CONTACT_FAMILY FEEDBACK_SE FOLLOW_UP STATISTICS
saidBy | choice | yes | C0 | - | - | Vem säger det | Who says so | SELF GUARDIAN PARTNER
saidOn | date | yes | C0 | - | - | När | When
saidHow | choice | yes | C0 | - | - | Hur det sades | How it was said | MEETING PHONE WRITTEN OWN_PAGE
effectTold | text | no | C1 | - | - | Vad personen har fått veta om följderna | What the person was told of the effects
healthShared | computed yesno | yes | C0 | - | R | Hälsouppgifter får delas | Health data may be shared
localShared | computed yesno | yes | C0 | - | R | Stöd av kontoret i hemlandet | Support by the office at home
consentReview | computed yesno | yes | C0 | - | R | Planen behöver ses över | The plan must be reviewed
followUpPeriodMonths | computed number | no | C0 | - | R | Uppföljning i månader | Months of follow-up
""",
    "weigh_consent": """
localWay | choice | yes | C2 | needs | - | Vad vill personen i stället | What does the person want instead | OTHER_PARTNER FROM_HELSINKI NO_REINTEGRATION NEW_CONSENT
consentLocal | consent | when | C0 | - | - | Stöd av kontoret i hemlandet | Support by the office at home
localTakesPart | computed yesno | yes | C0 | - | R | Ett kontor i hemlandet deltar | An office at home takes part
localShared | computed yesno | yes | C0 | - | R | Stöd av kontoret i hemlandet | Support by the office at home
weighNote | longtext | no | C2 | needs | - | Vad ändras | What changes
someoneMeets | yesno | when | C3 | route | - | Möter någon personen vid ankomsten | Does somebody meet the person on arrival
whoMeets | group | when | C3 | route | - | Vem möter | Who meets the person
firstNights | choice | when | C3 | destination | - | Första nätterna | First nights | BOOKED FAMILY OWN_HOME NONE
""",
    "helsinki_arrangement": """
someoneMeets | yesno | yes | C3 | route | - | Möter någon personen vid ankomsten | Does somebody meet the person on arrival
whoMeets | group | when | C3 | route | - | Vem möter | Who meets the person
onwardTransport | yesno | yes | C3 | route | - | Behövs vidare transport | Is onward transport needed
onwardLegs | list | when | C3 | route | - | Vidare transport | Onward transport
firstNights | choice | yes | C3 | destination | - | Första nätterna | First nights | BOOKED FAMILY OWN_HOME NONE
arrivalArranged | computed yesno | yes | C0 | - | R | Ankomsten ordnad | Arrival arranged
transitHelp | list | no | C3 | route | - | Hjälp vid mellanlandning | Transit help
""",
    "helsinki_arrival": """
arrived | yesno | yes | C0 | - | Rb | Har personen kommit fram? | Has the person arrived?
arrivalOn | date | when | C0 | - | R | Ankom den | Arrived on
condition | choice | when | C2 | needs | - | Hur mår personen | How the person is | OK NEEDS_HELP
""",
    "helsinki_contact": """
contactAttempts | list | yes | C1 | - | - | Försök | Attempts
contactReached | computed yesno | yes | C0 | - | - | Nådd | Reached
safeNow | yesno | when | C3 | - | R | Trygg nu | Safe now
housingReached | yesno | when | C3 | destination | - | Har kommit fram till bostaden | Has reached the housing
immediateHelp | list | no | C2 | needs | - | Akut hjälp | Immediate help
followUpPeriodMonths | number | yes | C0 | - | R | Uppföljning i månader | Months of follow-up
followUpIntervalMonths | number | yes | C0 | - | R | Månader mellan kontakter | Months between contacts
newSafeContact | group | when | C3 | destination | - | Säker kontakt | Safe contact
""",
    "local_refused": """
localNext | choice | yes | C0 | - | R | Hur går vi vidare | How do we go on | OTHER_OFFICE WITHOUT_OFFICE STOP
localOffice | office | when | C0 | - | - | Lokalt kontor | Local office
localTakesPart | computed yesno | yes | C0 | - | R | Ett kontor i hemlandet deltar | An office at home takes part
""",
    "weigh_correction": """
correctionMeans | choice | yes | C0 | - | - | Vad rättelsen betyder | What the correction means | NOTHING NEW_DECISION PLAN
correctionNote | longtext | no | C2 | needs | - | Vad som görs | What is done
""",
}
"""Key, kind, asked (yes, no, when), class, group, routing (R; Rb as buttons), Swedish and English
label, codes.

The note to the own office ends every form.
"""
