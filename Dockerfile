# One image for web, workers and beat; docker-compose.yml names the command of each.
FROM node:22-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY webapp/pages/vendor.mjs webapp/pages/vendor.mjs
RUN npm ci && npm run assets

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN useradd --create-home --uid 10001 fengping && install -d -o fengping /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY --chown=fengping . .
COPY --from=assets /src/webapp/static/vendor webapp/static/vendor
RUN pybabel -q compile -d webapp/translations
USER fengping
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:webapp.serving", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "webapp:create_app()"]
