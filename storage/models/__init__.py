"""All tables."""

from storage.models.accounts import (
    ROLES,
    ApiToken,
    IdempotencyKey,
    Invitation,
    LoginAttempt,
    Membership,
    PasswordReset,
    RecoveryCode,
    SignIn,
    User,
    Workspace,
)
from storage.models.alerts import ALERT_STATES, CHANNELS, AlertItem, AlertRule, Destination, Message
from storage.models.aspects import AspectCategory, BuiltInAspect
from storage.models.audit import AuditEntry
from storage.models.base import Base, Owned
from storage.models.catalogue import LABELS, Product, Review, ReviewKey
from storage.models.dictionary import WORD_KINDS, DictionaryWord
from storage.models.digests import ProductDigest
from storage.models.exports import FORMATS, Export, Share, Snapshot, Subscription
from storage.models.forecasts import Backtest, ForecastModel, ForecastPoint, ForecastRun, MarkedDay
from storage.models.jobs import IMPORT_KINDS, JOB_STATES, KINDS, Chunk, Job, Refusal, Upload, WorkerHeartbeat
from storage.models.queued import Queued
from storage.models.relabels import RELABELS, Relabel
from storage.models.replaced import REPLACED, ReplacedRow
from storage.models.sales import DailyFeature, ExogColumn, OrderLine, Sale
from storage.models.views import SavedView
from storage.models.webhooks import Delivery, Webhook

__all__ = [
    "ALERT_STATES",
    "CHANNELS",
    "FORMATS",
    "IMPORT_KINDS",
    "JOB_STATES",
    "KINDS",
    "LABELS",
    "RELABELS",
    "REPLACED",
    "ROLES",
    "WORD_KINDS",
    "AlertItem",
    "AlertRule",
    "ApiToken",
    "AspectCategory",
    "AuditEntry",
    "Backtest",
    "Base",
    "BuiltInAspect",
    "Chunk",
    "DailyFeature",
    "Delivery",
    "Destination",
    "DictionaryWord",
    "ExogColumn",
    "Export",
    "ForecastModel",
    "ForecastPoint",
    "ForecastRun",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "LoginAttempt",
    "MarkedDay",
    "Membership",
    "Message",
    "OrderLine",
    "Owned",
    "PasswordReset",
    "Product",
    "ProductDigest",
    "Queued",
    "RecoveryCode",
    "Refusal",
    "Relabel",
    "ReplacedRow",
    "Review",
    "ReviewKey",
    "Sale",
    "SavedView",
    "Share",
    "SignIn",
    "Snapshot",
    "Subscription",
    "Upload",
    "User",
    "Webhook",
    "WorkerHeartbeat",
    "Workspace",
]
